/** The types of a person's profile: the addresses that a person shows. Graph has them in `/beta`. */

import { complexType, type Entity, entityType, enumType, flagsType } from './edm.ts'

/** Root of all entity types. */
export const entity = entityType(
  'entity',
  { id: { type: 'Edm.String', nullable: false, readOnly: true, maxLength: 1024 } },
  { abstract: true },
)

export const allowedAudiences = flagsType('allowedAudiences', {
  me: 0,
  family: 1,
  contacts: 2,
  groupMembers: 4,
  organization: 8,
  federatedOrganizations: 16,
  everyone: 32,
  unknownFutureValue: 64,
})

export const emailType = enumType('emailType', { unknown: 0, work: 1, personal: 2, main: 3, other: 4 })

export const inferenceData = complexType('inferenceData', {
  confidenceScore: { type: 'Edm.Double', minimum: 0, maximum: 1 },
  userHasVerifiedAccuracy: { type: 'Edm.Boolean' },
})

export const identity = complexType(
  'identity',
  {
    displayName: { type: 'Edm.String', maxLength: 256 },
    id: { type: 'Edm.String', maxLength: 256 },
  },
  { open: true },
)

export const identitySet = complexType(
  'identitySet',
  {
    application: { type: identity },
    device: { type: identity },
    user: { type: identity },
  },
  { open: true },
)

export const personDataSources = complexType('personDataSources', {
  type: { type: 'Edm.String', collection: true, maxLength: 256, maxItems: 16 },
})

export const itemFacet = entityType(
  'itemFacet',
  {
    allowedAudiences: { type: allowedAudiences },
    inference: { type: inferenceData },
    createdDateTime: { type: 'Edm.DateTimeOffset', readOnly: true },
    createdBy: { type: identitySet, readOnly: true },
    lastModifiedDateTime: { type: 'Edm.DateTimeOffset', readOnly: true },
    lastModifiedBy: { type: identitySet, readOnly: true },
    source: { type: personDataSources },
  },
  { base: entity, abstract: true },
)

export const itemEmail = entityType(
  'itemEmail',
  {
    address: { type: 'Edm.String', format: 'email', maxLength: 254 },
    displayName: { type: 'Edm.String', maxLength: 256 },
    type: { type: emailType, nullable: false },
  },
  { base: itemFacet },
)

export const profile = entityType(
  'profile',
  {},
  { base: entity, navigation: { emails: { type: 'itemEmail', collection: true, containsTarget: true } } },
)

export type ItemEmail = Entity<typeof itemEmail>
export type IdentitySet = Entity<typeof identitySet>

/** The id of every profile on Graph's wire. */
export const profileId = 'profileId'

/** How many emails one profile holds at most. */
export const emailsPerProfile = 250
