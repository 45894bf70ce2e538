/**
 * Names that Microsoft Graph declares for the types that are served, in v1.0 or beta, and that this server does not serve: a
 * request that uses one is answered with 501. A name that neither has is a mistake of the client's.
 */

import { type EntityType, propertiesOf } from './edm.ts'

interface NotServed {
  readonly properties?: string
  readonly navigation?: string
  /** Functions and actions on one entity. */
  readonly operations?: string
  /** Functions and actions on a collection, and keys of items that Graph always has. */
  readonly ofCollection?: string
  /** Navigation properties that lead to nothing for anybody: reading one is a 404, which clients expect. */
  readonly empty?: string
}

/** By the type that declares them. Names are separated by white space. */
const notServed: Readonly<Record<string, NotServed>> = {
  directoryObject: {
    operations: `
      checkMemberGroups checkMemberObjects getMemberGroups getMemberObjects permanentDelete restore`,
    ofCollection: `
      delta getAvailableExtensionProperties getByIds getUserOwnedObjects validateProperties`,
  },
  user: {
    properties: `
      assignedLicenses assignedPlans authorizationInfo cloudLicensing cloudRealtimeCommunicationInfo customSecurityAttributes
      deviceEnrollmentLimit deviceKeys employeeHireDate employeeLeaveDateTime employeeOrgData externalUserStateChangeDateTime
      identityParentId infoCatalogs isManagementRestricted isResourceAccount lastPasswordChangeDateTime
      legalAgeGroupClassification licenseAssignmentStates mailboxSettings onPremisesDistinguishedName onPremisesDomainName
      onPremisesExtensionAttributes onPremisesLastSyncDateTime onPremisesProvisioningErrors onPremisesSamAccountName
      onPremisesSecurityIdentifier onPremisesUserPrincipalName preferredDataLocation print provisionedPlans
      refreshTokensValidFromDateTime serviceProvisioningErrors showInAddressList signInActivity signInSessionsValidFromDateTime`,
    navigation: `
      activities adhocCalls agreementAcceptances analytics appConsentRequestsForApproval appRoleAssignedResources
      appRoleAssignments approvals calendar calendarGroups calendars calendarView chats cloudClipboard cloudPCs contactFolders
      contacts createdObjects dataSecurityAndGovernance deviceEnrollmentConfigurations deviceManagementTroubleshootingEvents
      directReports drive drives employeeExperience events extensions followedSites inferenceClassification informationProtection
      insights invitedBy joinedGroups joinedTeams licenseDetails mailFolders managedAppRegistrations managedDevices manager
      memberOf messages mobileAppIntentAndStates mobileAppTroubleshootingEvents notifications oauth2PermissionGrants onenote
      onlineMeetings onPremisesSyncBehavior outlook ownedDevices ownedObjects pendingAccessReviewInstances people
      permissionGrants planner presence registeredDevices scopedRoleMemberOf security settings solutions sponsorOf sponsors
      teamwork todo transitiveMemberOf transitiveReports usageRights virtualEventRegistrations
      windowsInformationProtectionDeviceRegistrations`,
    operations: `
      activateServicePlan assignLicense blockManagedApps changePassword convertExternalToInternalMemberUser
      deletePasswordSingleSignOnCredentials exportDeviceAndAppManagementData exportPersonalData findMeetingTimes findRoomLists
      findRooms getEffectiveDeviceEnrollmentConfigurations getLoggedOnManagedDevices getMailTips getManagedAppDiagnosticStatuses
      getManagedAppPolicies getManagedDevicesWithAppFailures getManagedDevicesWithFailedOrPendingApps
      getPasswordSingleSignOnCredentials invalidateAllRefreshTokens isManagedAppUserBlocked reminderView
      removeAllDevicesFromManagement reprocessLicenseAssignment retryServiceProvisioning revokeSignInSessions sendMail
      translateExchangeIds unblockManagedApps wipeAndBlockManagedApps wipeManagedAppRegistrationByDeviceTag
      wipeManagedAppRegistrationsByDeviceTag`,
    empty: `
      photo photos`,
  },
  group: {
    properties: `
      accessType allowExternalSenders assignedLabels assignedLicenses autoSubscribeNewMembers classification cloudLicensing
      createdByAppId expirationDateTime hasMembersWithLicenseErrors hideFromAddressLists hideFromOutlookClients infoCatalogs
      isArchived isFavorite isManagementRestricted isSubscribedByMail licenseProcessingState membershipRule
      membershipRuleProcessingState membershipRuleProcessingStatus onPremisesDomainName onPremisesExtensionAttributes
      onPremisesLastSyncDateTime onPremisesNetBiosName onPremisesProvisioningErrors onPremisesSamAccountName
      onPremisesSecurityIdentifier onPremisesSyncEnabled organizationId preferredDataLocation preferredLanguage proxyAddresses
      renewedDateTime resourceBehaviorOptions resourceProvisioningOptions securityIdentifier serviceProvisioningErrors theme
      uniqueName unseenConversationsCount unseenCount unseenMessagesCount welcomeMessageEnabled`,
    navigation: `
      acceptedSenders appRoleAssignments calendar calendarView conversations createdOnBehalfOf drive drives endpoints events
      extensions groupLifecyclePolicies memberOf membersWithLicenseErrors onenote onPremisesSyncBehavior permissionGrants planner
      rejectedSenders settings sites team threads transitiveMemberOf transitiveMembers`,
    operations: `
      addFavorite assignLicense checkGrantedPermissionsForApp evaluateDynamicMembership removeFavorite renew resetUnseenCount
      retryServiceProvisioning subscribeByMail unsubscribeByMail validateProperties`,
    empty: `
      photo photos`,
  },
  unifiedRoleAssignment: {
    properties: `
      appScopeId condition principalOrganizationId resourceScope`,
    navigation: `
      appScope directoryScope principal roleDefinition`,
  },
  profile: {
    navigation: `
      account addresses anniversaries awards certifications educationalActivities interests languages names notes patents
      phones positions projects publications skills webAccounts websites`,
  },
  itemFacet: {
    properties: `
      isSearchable sources`,
  },
  authentication: {
    properties: `
      requirements signInPreferences`,
    navigation: `
      externalAuthenticationMethods fido2Methods hardwareOathMethods microsoftAuthenticatorMethods operations
      passwordlessMicrosoftAuthenticatorMethods passwordMethods phoneMethods platformCredentialMethods qrCodePinMethod
      softwareOathMethods temporaryAccessPassMethods windowsHelloForBusinessMethods`,
  },
  authenticationMethod: {
    properties: `
      lastUsedDateTime`,
    operations: `
      disableSmsSignIn enableSmsSignIn resetPassword`,
  },
  authenticationMethodConfiguration: {
    ofCollection: `
      externalAuthenticationMethod fido2 hardwareOath microsoftAuthenticator qrCodePin sms softwareOath temporaryAccessPass
      verifiableCredentials voice x509Certificate`,
  },
  authenticationMethodsPolicy: {
    properties: `
      description displayName lastModifiedDateTime policyMigrationState policyVersion reconfirmationInDays
      registrationEnforcement`,
  },
  policyRoot: {
    navigation: `
      activityBasedTimeoutPolicies adminConsentRequestPolicy appManagementPolicies authenticationFlowsPolicy
      authenticationStrengthPolicies authorizationPolicy claimsMappingPolicies conditionalAccessPolicies crossTenantAccessPolicy
      defaultAppManagementPolicy deviceRegistrationPolicy featureRolloutPolicies homeRealmDiscoveryPolicies
      identitySecurityDefaultsEnforcementPolicy permissionGrantPolicies roleManagementPolicies roleManagementPolicyAssignments
      tokenIssuancePolicies tokenLifetimePolicies`,
  },
  rbacApplication: {
    navigation: `
      resourceNamespaces roleAssignmentApprovals roleAssignmentScheduleInstances roleAssignmentScheduleRequests
      roleAssignmentSchedules roleDefinitions roleEligibilityScheduleInstances roleEligibilityScheduleRequests
      roleEligibilitySchedules transitiveRoleAssignments`,
  },
  roleManagement: {
    navigation: `
      cloudPC defender deviceManagement enterpriseApps entitlementManagement exchange`,
  },
}

/** First segments of Graph's paths that this server does not serve. */
const beginnings = `
  administrativeUnits admin agreementAcceptances agreements appCatalogs applications applicationTemplates auditLogs
  authenticationMethodsPolicy certificateBasedAuthConfiguration chats communications compliance connections contacts contracts copilot
  dataPolicyOperations deviceAppManagement deviceManagement devices directory directoryObjects directoryRoles directoryRoleTemplates
  domainDnsRecords domains drive drives education employeeExperience external filterOperators functions groupLifecyclePolicies
  groupSettings groupSettingTemplates identity identityGovernance identityProtection identityProviders informationProtection
  invitations oauth2PermissionGrants organization permissionGrants places planner print privacy reports schemaExtensions
  scopedRoleMemberships search security servicePrincipals shares sites solutions storage subscribedSkus subscriptions teams
  teamsTemplates teamwork tenantRelationships`

/** The segments that can follow one entity, or a collection of the type, in a path. All names in lower case. */
export interface Segments {
  /** Known and not served. */
  readonly known: ReadonlySet<string>
  /** Read as absent. */
  readonly empty: ReadonlySet<string>
}

const words = (text = '') =>
  text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')

/** A type, then those that it inherits from. */
function withBases(type: EntityType): readonly EntityType[] {
  return type.base === undefined ? [type] : [type, ...withBases(type.base)]
}

function rowsOf(type: EntityType): readonly NotServed[] {
  return withBases(type).flatMap(({ name }) => notServed[name] ?? [])
}

/** The segments that can stand at the beginning of a path. */
export function segmentsOfRoot(): Segments {
  return { known: new Set(words(beginnings)), empty: new Set() }
}

export function segmentsOfEntity(type: EntityType): Segments {
  const rows = rowsOf(type)
  return {
    known: new Set([
      ...Object.keys(propertiesOf(type)).map((name) => name.toLowerCase()),
      ...rows.flatMap(({ properties, navigation, operations }) => [properties, navigation, operations].flatMap(words)),
    ]),
    empty: new Set(rows.flatMap(({ empty }) => words(empty))),
  }
}

export function segmentsOfCollection(type: EntityType): Segments {
  return { known: new Set(rowsOf(type).flatMap(({ ofCollection }) => words(ofCollection))), empty: new Set() }
}

/** Longer than any name above. */
const longestName = 64

const membersOfTypes = new WeakMap<EntityType, ReadonlySet<string>>()

/** Whether Graph declares a property or a navigation property of this name, in any case, that is not served. */
export function isKnownMember(type: EntityType, name: string): boolean {
  let known = membersOfTypes.get(type)
  if (known === undefined) {
    known = new Set(rowsOf(type).flatMap(({ properties, navigation, empty }) => [properties, navigation, empty].flatMap(words)))
    membersOfTypes.set(type, known)
  }
  return name.length <= longestName && known.has(name.toLowerCase())
}
