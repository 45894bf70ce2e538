/** The types of the policy that says who may use the email method. */

import { complexType, type Entity, entityType, enumType } from './edm.ts'
import { entity } from './profile.ts'

export const authenticationMethodState = enumType('authenticationMethodState', { enabled: 0, disabled: 1 })

export const externalEmailOtpState = enumType('externalEmailOtpState', {
  default: 0,
  enabled: 1,
  disabled: 2,
  unknownFutureValue: 3,
})

export const authenticationMethodTargetType = enumType('authenticationMethodTargetType', {
  user: 0,
  group: 1,
  unknownFutureValue: 2,
})

export const excludeTarget = complexType('excludeTarget', {
  id: { type: 'Edm.String', nullable: false, maxLength: 64 },
  targetType: { type: authenticationMethodTargetType, nullable: false },
})

/** An entity in Graph; contained whole in the policy, and so written and read as a part of it. */
export const authenticationMethodTarget = complexType('authenticationMethodTarget', {
  id: { type: 'Edm.String', nullable: false, maxLength: 64 },
  isRegistrationRequired: { type: 'Edm.Boolean', nullable: false, fallback: false },
  targetType: { type: authenticationMethodTargetType, nullable: false },
})

export const authenticationMethodConfiguration = entityType(
  'authenticationMethodConfiguration',
  {
    excludeTargets: { type: excludeTarget, collection: true, maxItems: 100 },
    state: { type: authenticationMethodState },
  },
  { base: entity, abstract: true },
)

export const emailAuthenticationMethodConfiguration = entityType(
  'emailAuthenticationMethodConfiguration',
  {
    allowExternalIdToUseEmailOtp: { type: externalEmailOtpState },
    includeTargets: { type: authenticationMethodTarget, collection: true, maxItems: 100 },
  },
  { base: authenticationMethodConfiguration },
)

export type EmailMethodPolicy = Entity<typeof emailAuthenticationMethodConfiguration>

/** The policy of a tenant that never changed it, and the state that DELETE restores. */
export const defaultEmailMethodPolicy: EmailMethodPolicy = {
  id: 'Email',
  excludeTargets: [],
  state: 'enabled',
  allowExternalIdToUseEmailOtp: 'default',
  includeTargets: [{ id: 'all_users', isRegistrationRequired: false, targetType: 'group' }],
}
