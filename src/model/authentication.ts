/** The types of a person's authentication methods: the address that gets a person back into the account. */

import { type Entity, entityType } from './edm.ts'
import { entity } from './profile.ts'

export const authenticationMethod = entityType(
  'authenticationMethod',
  { createdDateTime: { type: 'Edm.DateTimeOffset', readOnly: true, onSelect: true } },
  { base: entity, abstract: true },
)

export const emailAuthenticationMethod = entityType(
  'emailAuthenticationMethod',
  { emailAddress: { type: 'Edm.String', format: 'email', maxLength: 254 } },
  { base: authenticationMethod },
)

export const authentication = entityType(
  'authentication',
  {},
  {
    base: entity,
    navigation: {
      emailMethods: { type: 'emailAuthenticationMethod', collection: true, containsTarget: true },
      methods: { type: 'authenticationMethod', collection: true, containsTarget: true },
    },
  },
)

export type EmailAuthenticationMethod = Entity<typeof emailAuthenticationMethod>

/** The id of every email authentication method: there is at most one a person. */
export const emailMethodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'
