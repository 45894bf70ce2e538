/** A person as it is stored, and as it is answered: which permissions let one see how much. */

import type { Grant } from '../../auth/grant.ts'
import { anyOf } from '../../auth/needs.ts'
import { GraphError } from '../../errors.ts'
import { type User, user } from '../../model/directory.ts'
import type { Item } from '../../odata/json/render.ts'
import { storedRecord } from '../../odata/json/stored-record.ts'
import { keyOf, renderCompared } from '../../odata/query/compared.ts'
import type { UserRow, UserToPut } from '../../store/tables/people.ts'

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

/** The members of another user that `User.ReadBasic.All` alone shows; the others are answered as absent. */
const basicMembers = ['displayName', 'givenName', 'id', 'mail', 'surname', 'userPrincipalName']

/** The members that a caller sees of a person. */
export type View = 'all' | readonly string[]

/** One sees all of oneself; of others, what the permissions to read people open. A caller who may write only sees the id. */
export function viewOf(grant: Grant): View {
  if (grant.on === 'person' && grant.as === 'self') return 'all'
  const reading = (grant.actor === undefined ? readAsApplication : readOthers).permissions.filter((permission) =>
    grant.caller.permissions.has(permission),
  )
  if (reading.length === 0) return ['id']
  return reading.every((permission) => permission === basicPermission) ? basicMembers : 'all'
}

export function itemOf(key: string, row: UserRow, view: View): Item {
  let value: Readonly<Record<string, unknown>> | undefined
  return {
    type: user,
    keys: { user: row.id },
    get state() {
      return stateOf(row, view)
    },
    // Taken apart when it is rendered, which long lists do in pieces.
    get value() {
      value ??= seenOf(row.record, view)
      return value
    },
    path: () => `users('${encodeURIComponent(key.replaceAll("'", "''"))}')`,
  }
}

/**
 * The state that a tag is made of: the members that the caller sees, so that a tag reveals nothing of the others. Of a whole person the number of
 * changes counts too, so that a tag does not come back with a value: see migrations/0004.
 */
export function stateOf({ record, changes }: Pick<UserRow, 'record' | 'changes'>, view: View): string {
  return view === 'all' ? `${changes} ${record}` : `${view.join()} ${JSON.stringify(seenOf(record, view))}`
}

/** In an order of its own: the order of the stored members tells when one was set. */
function seenOf(record: string, view: View): Readonly<Record<string, unknown>> {
  const whole = JSON.parse(record) as Record<string, unknown> // an object, written by createUser, updateUser or import
  return view === 'all' ? whole : Object.fromEntries(view.filter((name) => Object.hasOwn(whole, name)).map((name) => [name, whole[name]]))
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

/** A query may look only at members that the caller may see: otherwise its result would reveal them. Throws `permissionMissing`. */
export function requireSeen(view: View, members: ReadonlySet<string>): void {
  if (view === 'all') return
  for (const member of members)
    if (!view.includes(member))
      throw new GraphError('permissionMissing', {
        target: member,
        message: `Insufficient privileges to complete the operation: to filter or sort by ${member} takes a permission to read it.`,
        details: readOthers.permissions
          .filter((permission) => permission !== basicPermission)
          .map((permission) => ({ code: 'permission', target: 'scp', message: permission })),
      })
}
