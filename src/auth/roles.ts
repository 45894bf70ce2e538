/**
 * Administrator roles: their template ids, and which of them may act on whom. The facts are Microsoft Entra's
 * ("Who can perform sensitive actions", "Microsoft Entra built-in roles").
 */

import type { Protection } from '../model/directory.ts'

/** Roles that the rules speak of, by template id. Any other id is a role too, and a protected one. */
// biome-ignore format: a table of facts, aligned by hand
export const roleTemplates = {
  'Authentication Administrator':            'c4e39bd9-1100-46d3-8c65-fb160da0071f',
  'Authentication Policy Administrator':     '0526716b-113d-4c15-b2c8-68e3c22b9f80',
  'Directory Readers':                       '88d8e3e3-8f55-4a1e-953a-9b9898b8876b',
  'Global Administrator':                    '62e90394-69f5-4237-9190-012177145e10',
  'Global Reader':                           'f2ef992c-3afb-46b9-b7cf-a126ee74c451',
  'Groups Administrator':                    'fdd7a751-b60b-444a-984c-02652fe8fa1c',
  'Guest Inviter':                           '95e79109-95c0-4d8e-aee3-d01accf2d47b',
  'Helpdesk Administrator':                  '729827e3-9c14-49f7-bb1b-9608f156bbb8',
  'Message Center Reader':                   '790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b',
  'Password Administrator':                  '966707d0-3269-4727-9be2-8c3a10f19b9d',
  'Privileged Authentication Administrator': '7be44c8a-adaf-4e2a-84d6-ab2649e08a13',
  'Privileged Role Administrator':           'e8611ab8-c189-46e8-94e1-60213ab1f814',
  'Reports Reader':                          '4a5d8f65-41da-4de4-8968-e035b65339cf',
  'Usage Summary Reports Reader':            '75934031-6c7e-415a-99d7-48dbd49e875e',
  'User Administrator':                      'fe930be7-5e62-47db-91af-98c3a49a38b1',
  'User Experience Success Manager':         '27460883-1df1-4691-b032-3b79643e5e63',
} as const

export type RoleName = keyof typeof roleTemplates

/** The reach of a role: users all of whose roles are in the list, or everyone in the tenant. */
type Reach = 'everyone' | readonly RoleName[]

/** The columns of the matrix that the served operations need. A role that is absent reaches nobody. */
const reaches: Partial<Record<RoleName, Reach>> = {
  'Global Administrator': 'everyone',
  'Privileged Authentication Administrator': 'everyone',
  'Authentication Administrator': [
    'Authentication Administrator',
    'Directory Readers',
    'Guest Inviter',
    'Message Center Reader',
    'Password Administrator',
    'Reports Reader',
    'Usage Summary Reports Reader',
    'User Experience Success Manager',
  ],
  'User Administrator': [
    'Directory Readers',
    'Groups Administrator',
    'Guest Inviter',
    'Helpdesk Administrator',
    'Message Center Reader',
    'Password Administrator',
    'Reports Reader',
    'Usage Summary Reports Reader',
    'User Administrator',
    'User Experience Success Manager',
  ],
}

/** The reach of an application without a role. */
const applicationReach: Reach = ['Directory Readers', 'Guest Inviter', 'Message Center Reader', 'Reports Reader']

/** Whether the holder of `role` may do what is sensitive to a target in the same tenant. */
export function mayActOn(role: RoleName, target: Protection): boolean {
  const reach = reaches[role]
  return reach !== undefined && isWithin(reach, target)
}

/** Whether an application that holds no role may do what is sensitive to a target in its tenant. */
export function mayApplicationActOn(target: Protection): boolean {
  return isWithin(applicationReach, target)
}

function isWithin(reach: Reach, target: Protection): boolean {
  if (reach === 'everyone') return true
  const harmless = new Set<string>(reach.map((name) => roleTemplates[name]))
  return !target.restricted && target.roleIds.every((id) => harmless.has(id))
}

/** The roles among `candidates` that reach `target`. */
export function rolesThatReach(candidates: readonly RoleName[], target: Protection): readonly RoleName[] {
  return candidates.filter((role) => mayActOn(role, target))
}
