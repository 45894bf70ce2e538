namespace peer;

entity Users {
  key ID                : UUID;
      userPrincipalName : String(254) not null;
      displayName       : String(256);
      emails            : Composition of many Emails on emails.user = $self;
}

entity Emails {
  key ID                   : UUID;
      user                 : Association to Users not null;
      address              : String(254) not null;
      displayName          : String(256);
      type                 : String(20) default 'unknown';
      allowedAudiences     : String(100) default 'organization';
      inference            : {
        confidenceScore         : Double;
        userHasVerifiedAccuracy : Boolean;
      };
      createdDateTime      : Timestamp @cds.on.insert: $now;
      createdBy            : String(256);
      lastModifiedDateTime : Timestamp @cds.on.insert: $now  @cds.on.update: $now;
      lastModifiedBy       : String(256);
}
