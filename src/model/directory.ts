/** The types of the directory, as far as they are served: people, their groups and their roles. */

import { complexType, type Entity, entityType } from './edm.ts'
import { entity } from './profile.ts'

export const objectIdentity = complexType('objectIdentity', {
  issuer: { type: 'Edm.String', maxLength: 512 },
  issuerAssignedId: { type: 'Edm.String', maxLength: 256 },
  signInType: { type: 'Edm.String', maxLength: 64 },
})

export const passwordProfile = complexType('passwordProfile', {
  forceChangePasswordNextSignIn: { type: 'Edm.Boolean' },
  forceChangePasswordNextSignInWithMfa: { type: 'Edm.Boolean' },
  password: { type: 'Edm.String', maxLength: 256 },
})

export const directoryObject = entityType(
  'directoryObject',
  { deletedDateTime: { type: 'Edm.DateTimeOffset', readOnly: true, onSelect: true } },
  { base: entity, abstract: true },
)

export const user = entityType(
  'user',
  {
    businessPhones: { type: 'Edm.String', collection: true, nullable: false, maxLength: 64, maxItems: 16 },
    displayName: { type: 'Edm.String', maxLength: 256 },
    givenName: { type: 'Edm.String', maxLength: 64 },
    jobTitle: { type: 'Edm.String', maxLength: 128 },
    mail: { type: 'Edm.String', maxLength: 254 },
    mobilePhone: { type: 'Edm.String', maxLength: 64 },
    officeLocation: { type: 'Edm.String', maxLength: 128 },
    preferredLanguage: { type: 'Edm.String', maxLength: 64 },
    surname: { type: 'Edm.String', maxLength: 64 },
    userPrincipalName: { type: 'Edm.String', maxLength: 1024 },
    aboutMe: { type: 'Edm.String', onSelect: true, maxLength: 4000 },
    accountEnabled: { type: 'Edm.Boolean', onSelect: true },
    ageGroup: { type: 'Edm.String', onSelect: true, maxLength: 64 },
    birthday: { type: 'Edm.DateTimeOffset', onSelect: true },
    city: { type: 'Edm.String', onSelect: true, maxLength: 128 },
    companyName: { type: 'Edm.String', onSelect: true, maxLength: 64 },
    consentProvidedForMinor: { type: 'Edm.String', onSelect: true, maxLength: 64 },
    country: { type: 'Edm.String', onSelect: true, maxLength: 128 },
    createdDateTime: { type: 'Edm.DateTimeOffset', readOnly: true, onSelect: true },
    creationType: { type: 'Edm.String', readOnly: true, onSelect: true, maxLength: 64 },
    department: { type: 'Edm.String', onSelect: true, maxLength: 64 },
    employeeId: { type: 'Edm.String', onSelect: true, maxLength: 16 },
    employeeType: { type: 'Edm.String', onSelect: true, maxLength: 64 },
    externalUserState: { type: 'Edm.String', onSelect: true, maxLength: 64 },
    faxNumber: { type: 'Edm.String', onSelect: true, maxLength: 64 },
    hireDate: { type: 'Edm.DateTimeOffset', onSelect: true },
    identities: { type: objectIdentity, collection: true, onSelect: true, maxItems: 16 },
    imAddresses: { type: 'Edm.String', collection: true, readOnly: true, onSelect: true, maxLength: 256, maxItems: 16 },
    interests: { type: 'Edm.String', collection: true, onSelect: true, maxLength: 256, maxItems: 100 },
    mailNickname: { type: 'Edm.String', onSelect: true, maxLength: 64 },
    mySite: { type: 'Edm.String', onSelect: true, maxLength: 2048 },
    onPremisesImmutableId: { type: 'Edm.String', onSelect: true, maxLength: 256 },
    onPremisesSyncEnabled: { type: 'Edm.Boolean', readOnly: true, onSelect: true },
    otherMails: { type: 'Edm.String', collection: true, nullable: false, onSelect: true, maxLength: 250, maxItems: 250 },
    passwordPolicies: { type: 'Edm.String', onSelect: true, maxLength: 128 },
    passwordProfile: { type: passwordProfile, onSelect: true, writeOnly: true },
    pastProjects: { type: 'Edm.String', collection: true, onSelect: true, maxLength: 256, maxItems: 100 },
    postalCode: { type: 'Edm.String', onSelect: true, maxLength: 40 },
    preferredName: { type: 'Edm.String', onSelect: true, maxLength: 256 },
    proxyAddresses: {
      type: 'Edm.String',
      collection: true,
      nullable: false,
      readOnly: true,
      onSelect: true,
      maxLength: 1123,
      maxItems: 250,
    },
    responsibilities: { type: 'Edm.String', collection: true, onSelect: true, maxLength: 256, maxItems: 100 },
    schools: { type: 'Edm.String', collection: true, onSelect: true, maxLength: 256, maxItems: 100 },
    securityIdentifier: { type: 'Edm.String', readOnly: true, onSelect: true, maxLength: 256 },
    skills: { type: 'Edm.String', collection: true, onSelect: true, maxLength: 256, maxItems: 100 },
    state: { type: 'Edm.String', onSelect: true, maxLength: 128 },
    streetAddress: { type: 'Edm.String', onSelect: true, maxLength: 1024 },
    usageLocation: { type: 'Edm.String', onSelect: true, maxLength: 2 },
    userType: { type: 'Edm.String', onSelect: true, maxLength: 16 },
  },
  {
    base: directoryObject,
    open: true,
    navigation: {
      authentication: { type: 'authentication', collection: false, containsTarget: true },
      profile: { type: 'profile', collection: false, containsTarget: true },
    },
  },
)

export type User = Entity<typeof user>

/** A role assignment: a user, a role, and the scope. */
export const unifiedRoleAssignment = entityType(
  'unifiedRoleAssignment',
  {
    directoryScopeId: { type: 'Edm.String', maxLength: 256 },
    principalId: { type: 'Edm.String', maxLength: 256 },
    roleDefinitionId: { type: 'Edm.String', maxLength: 64 },
  },
  { base: entity },
)

export const group = entityType(
  'group',
  {
    createdDateTime: { type: 'Edm.DateTimeOffset', readOnly: true },
    description: { type: 'Edm.String', maxLength: 1024 },
    displayName: { type: 'Edm.String', maxLength: 256 },
    groupTypes: { type: 'Edm.String', collection: true, nullable: false, maxLength: 64, maxItems: 4 },
    isAssignableToRole: { type: 'Edm.Boolean' },
    mail: { type: 'Edm.String', readOnly: true, maxLength: 254 },
    mailEnabled: { type: 'Edm.Boolean' },
    mailNickname: { type: 'Edm.String', maxLength: 64 },
    securityEnabled: { type: 'Edm.Boolean' },
    visibility: { type: 'Edm.String', maxLength: 64 },
  },
  {
    base: directoryObject,
    navigation: {
      members: { type: 'directoryObject', collection: true, containsTarget: false },
      owners: { type: 'directoryObject', collection: true, containsTarget: false },
    },
  },
)

export type Group = Entity<typeof group>

/** The tenant that Microsoft's platform gives to all personal accounts. */
export const personalAccountsTenant = '9188040d-6c67-4c5b-b112-36a304b66dad'

/** The key of a person. */
export interface PersonKey {
  readonly tenantId: string
  readonly id: string
}

/** The facts of a person that decide which administrators may act on them. */
export interface Protection {
  /** Template ids of the roles the person holds, in whatever scope. */
  readonly roleIds: readonly string[]
  /** Member or owner of a group that roles can be assigned to, or holder of a role over a restricted administrative unit. */
  readonly restricted: boolean
}

/** The facts of a person that authorization needs. */
export interface Person extends PersonKey {
  readonly userPrincipalName: string
  readonly displayName: string | null
  readonly accountEnabled: boolean
  /** Template ids of the roles assigned over the whole tenant. */
  readonly tenantRoleIds: readonly string[]
  readonly protection: Protection
}

/** The facts of a group that decide which callers may change it. */
export interface GroupFacts {
  readonly tenantId: string
  readonly id: string
  /** Roles can be assigned to the group: its members are out of the reach of most administrators. */
  readonly isRoleAssignable: boolean
}

/** Where people and groups are looked up. */
export interface Directory {
  hasTenant(tenantId: string): Promise<boolean>
  group(tenantId: string, id: string): Promise<GroupFacts | undefined>
  /** By id, in one tenant. */
  person(tenantId: string, id: string): Promise<Person | undefined>
  /** By id or principal name, in one tenant. */
  find(tenantId: string, key: string): Promise<Person | undefined>
  /**
   * By id or principal name, wherever: a name leads to the tenant that has its domain, and where it is ambiguous, to nobody.
   * Outside the tenant of `reader` a person is there only who shows the reader something, and the database has the same work whether
   * or not there is such a person.
   */
  findAnywhere(reader: PersonKey, key: string): Promise<Person | undefined>
}
