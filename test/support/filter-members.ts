/** What there is of people and of emails to filter and sort by. */

/** Members by what they hold, as paths. */
export interface Members {
  readonly texts: readonly string[]
  readonly flags: readonly string[]
  readonly instants: readonly string[]
  readonly numbers: readonly string[]
  readonly structures: readonly string[]
  readonly collections: readonly string[]
  readonly ofStructures: readonly (readonly [path: string, texts: readonly string[]])[]
  /** Comparisons of members of enumerations, ready to use. */
  readonly enums: readonly string[]
  readonly enumMembers: readonly string[]
  readonly searched: readonly string[]
}

export const userMembers: Members = {
  texts: ['displayName', 'displayname', 'givenName', 'mail', 'aboutMe', 'city', 'userPrincipalName', 'id', 'ID'],
  flags: ['accountEnabled', 'onPremisesSyncEnabled'],
  instants: ['createdDateTime', 'birthday', 'hireDate'],
  numbers: [],
  structures: [],
  collections: ['businessPhones', 'otherMails', 'interests', 'skills', 'schools'],
  ofStructures: [['identities', ['issuer', 'issuerAssignedId', 'signInType']]],
  enums: [],
  enumMembers: [],
  searched: ['displayName', 'givenName', 'surname', 'mail', 'userPrincipalName'],
}

export const emailMembers: Members = {
  texts: ['address', 'displayName', 'id', 'createdBy/user/displayName', 'createdBy/application/id', 'lastModifiedBy/user/id'],
  flags: ['inference/userHasVerifiedAccuracy'],
  instants: ['createdDateTime', 'lastModifiedDateTime', 'createddatetime'],
  numbers: ['inference/confidenceScore'],
  structures: ['inference', 'source', 'createdBy', 'createdBy/user', 'createdBy/device', 'lastModifiedBy/application'],
  collections: ['source/type'],
  ofStructures: [],
  enums: [
    ...[
      "type eq 'work'",
      "type ne 'unknown'",
      "type gt 'work'",
      "type in ('main','other')",
      'type eq null',
      "'PERSONAL' eq type",
      'type le type',
    ],
    ...["allowedAudiences eq 'me'", "allowedAudiences ne 'family,contacts'", "allowedAudiences has 'family'", "allowedAudiences has 'me'"],
    ...[
      "allowedAudiences has microsoft.graph.allowedAudiences'contacts,everyone'",
      "allowedAudiences ge 'organization'",
      'allowedAudiences ne null',
    ],
    ...[
      "not (allowedAudiences has 'organization')",
      "allowedAudiences in ('me','family,contacts','8')",
      "type eq microsoft.graph.emailType'1'",
    ],
  ],
  enumMembers: ['type', 'allowedAudiences'],
  searched: ['address', 'displayName'],
}
