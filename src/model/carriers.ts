/** Types that are not served themselves and lead to those that are: what metadata needs to say where a path begins. */

import { type EntityType, entityType } from './edm.ts'
import { entity } from './profile.ts'

const authenticationMethodsPolicy = entityType(
  'authenticationMethodsPolicy',
  {},
  {
    base: entity,
    navigation: {
      authenticationMethodConfigurations: { type: 'authenticationMethodConfiguration', collection: true, containsTarget: true },
    },
  },
)

const policyRoot = entityType(
  'policyRoot',
  {},
  { navigation: { authenticationMethodsPolicy: { type: 'authenticationMethodsPolicy', collection: false, containsTarget: true } } },
)

const rbacApplication = entityType(
  'rbacApplication',
  {},
  { base: entity, navigation: { roleAssignments: { type: 'unifiedRoleAssignment', collection: true, containsTarget: true } } },
)

const roleManagement = entityType(
  'roleManagement',
  {},
  { navigation: { directory: { type: 'rbacApplication', collection: false, containsTarget: true } } },
)

export const carrierTypes: readonly EntityType[] = [authenticationMethodsPolicy, policyRoot, rbacApplication, roleManagement]

/** The first segment of a path that is no collection, and its type. */
export const carriers: Readonly<Record<string, EntityType>> = { policies: policyRoot, roleManagement }
