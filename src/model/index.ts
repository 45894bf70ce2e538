/** Every type that is served, once: what metadata, documents and tests of the model walk through. */

import { authentication, authenticationMethod, emailAuthenticationMethod } from './authentication.ts'
import { directoryObject, group, objectIdentity, passwordProfile, unifiedRoleAssignment, user } from './directory.ts'
import {
  authenticationMethodConfiguration,
  authenticationMethodState,
  authenticationMethodTarget,
  authenticationMethodTargetType,
  emailAuthenticationMethodConfiguration,
  excludeTarget,
  externalEmailOtpState,
} from './policy.ts'
import {
  allowedAudiences,
  emailType,
  entity,
  identity,
  identitySet,
  inferenceData,
  itemEmail,
  itemFacet,
  personDataSources,
  profile,
} from './profile.ts'

export const enumTypes = [
  allowedAudiences,
  authenticationMethodState,
  authenticationMethodTargetType,
  emailType,
  externalEmailOtpState,
] as const

export const complexTypes = [
  authenticationMethodTarget,
  excludeTarget,
  identity,
  identitySet,
  inferenceData,
  objectIdentity,
  passwordProfile,
  personDataSources,
] as const

export const entityTypes = [
  authentication,
  authenticationMethod,
  authenticationMethodConfiguration,
  directoryObject,
  emailAuthenticationMethod,
  emailAuthenticationMethodConfiguration,
  entity,
  group,
  itemEmail,
  itemFacet,
  profile,
  unifiedRoleAssignment,
  user,
] as const

/** The namespace of all of them. */
export const namespace = 'microsoft.graph'
