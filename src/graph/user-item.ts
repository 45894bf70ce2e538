/** A person as it is stored, and as it is answered: which permissions let one see how much. */

import { anyOf } from '../auth/needs.ts'
import { GraphError } from '../errors.ts'
import { type User, user } from '../model/directory.ts'
import { keyOf, renderCompared } from '../odata/compared.ts'
import type { Item } from '../odata/json.ts'
import { storedRecord } from '../odata/stored-record.ts'
import type { UserRow, UserToPut } from '../store/people.ts'

/** Graph lets these read people too, since device management has to know whose a device is. */
const deviceManagement = [
  'DeviceManagementApps',
  'DeviceManagementConfiguration',
  'DeviceManagementManagedDevices',
  'DeviceManagementServiceConfig',
].flatMap((area) => [`${area}.Read.All`, `${area}.ReadWrite.All`])

const basicPermission = 'User.ReadBasic.All'
/** Any of these lets one see people. */
export const readOthers = anyOf(
  basicPermission,
  'User.Read.All',
  'User.ReadWrite.All',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
  ...deviceManagement,
)
export const readAsApplication = anyOf(...readOthers.permissions, 'User.ReadWrite.CrossCloud')

/** What `User.ReadBasic.All` alone lets one see of somebody else; the other members are answered as absent. */
const basicMembers = ['displayName', 'givenName', 'id', 'mail', 'surname', 'userPrincipalName']

/** `permissions`: those that counted, on somebody else; none on oneself. Who may write only sees who it is. */
export function itemOf(key: string, row: UserRow, permissions: readonly string[]): Item {
  const members = seenMembers(permissions)
  let value: Readonly<Record<string, unknown>> | undefined
  return {
    type: user,
    keys: { user: row.id },
    state: stateOf(row),
    seen: members === 'all' ? undefined : members === basicMembers ? 'b' : 'i',
    // Taken apart when it is rendered, which long lists do in pieces.
    get value() {
      value ??= seenOf(row.record, members)
      return value
    },
    path: () => `users('${encodeURIComponent(key.replaceAll("'", "''"))}')`,
  }
}

function seenOf(record: string, members: 'all' | readonly string[]): Readonly<Record<string, unknown>> {
  const whole = JSON.parse(record) as Record<string, unknown> // an object, written by createUser, updateUser or import
  return members === 'all' ? whole : Object.fromEntries(Object.entries(whole).filter(([name]) => members.includes(name)))
}

/** With the number of changes, so that a tag does not come back with a value: see migrations/0004. */
export function stateOf({ record, changes }: Pick<UserRow, 'record' | 'changes'>): string {
  return `${changes} ${record}`
}

function seenMembers(permissions: readonly string[]): 'all' | readonly string[] {
  if (permissions.length === 0) return 'all'
  const reading = permissions.filter((permission) => readAsApplication.permissions.includes(permission))
  if (reading.length === 0) return ['id']
  return reading.every((permission) => permission === basicPermission) ? basicMembers : 'all'
}

/** The stored form of a person, which takes the place of the record `before`. Throws `bodyInvalid` where it is too large. */
export function userToPut(tenantId: string, record: Partial<User> & Pick<User, 'id'>, before?: string): UserToPut {
  return {
    tenantId,
    id: record.id,
    userPrincipalName: record.userPrincipalName ?? '',
    accountEnabled: record.accountEnabled ?? true,
    record: storedRecord(JSON.stringify(record), before),
    displayName: keyOf(record.displayName),
    mail: keyOf(record.mail),
    compared: renderCompared(user, record),
  }
}

/** What a question looks at must be what the answer may show: otherwise the answer would tell it. Throws `permissionMissing`. */
export function requireSeen(permissions: readonly string[], members: ReadonlySet<string>): void {
  const seen = seenMembers(permissions)
  if (seen === 'all') return
  for (const member of members)
    if (!seen.includes(member))
      throw new GraphError('permissionMissing', {
        target: member,
        message: `Insufficient privileges to complete the operation: to filter or sort by ${member} takes a permission to read it.`,
        details: readOthers.permissions
          .filter((permission) => permission !== basicPermission)
          .map((permission) => ({ code: 'permission', target: 'scp', message: permission })),
      })
}
