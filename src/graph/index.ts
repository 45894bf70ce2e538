/** All that may be done, in one list. */

import { emailMethods } from './email-methods.ts'
import { emailPolicy } from './email-policy.ts'
import { groupMembers, groupOwners } from './groups/group-members.ts'
import { groups } from './groups/groups.ts'
import { authentications, methods } from './methods.ts'
import type { Resource } from './operation.ts'
import { profiles } from './profile.ts'
import { profileEmails } from './profile-emails.ts'
import { roleAssignments } from './role-assignments.ts'
import { users } from './users/users.ts'

export const resources: readonly Resource[] = [
  users,
  profiles,
  profileEmails,
  authentications,
  emailMethods,
  methods,
  emailPolicy,
  roleAssignments,
  groups,
  groupMembers,
  groupOwners,
]
