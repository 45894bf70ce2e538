/** Creating, changing and removing users, with the permissions for each. Reading is in users.ts. */

import { anyOf, nobody, type PersonNeeds, type TenantNeeds } from '../../auth/needs.ts'
import { GraphError, invalidMember } from '../../errors.ts'
import { fold } from '../../model/address.ts'
import { type User, user } from '../../model/directory.ts'
import type { Changes } from '../../model/edm.ts'
import { renderDateTime } from '../../model/time.ts'
import type { Item } from '../../odata/json/render.ts'
import type { Transaction } from '../../store/database.ts'
import { mayHaveName } from '../../store/tables/domains.ts'
import { changeIdentities, identitiesOf } from '../../store/tables/identities.ts'
import { addUser, changeUser, dropUser, findUser } from '../../store/tables/people.ts'
import { invalidValue } from '../empty-texts.ts'
import type { PersonContext, TenantContext } from '../operation.ts'
import { itemOf, stateOf, userToPut, viewOf } from './user-item.ts'
import { checkMembers, requireMembers } from './user-members.ts'

/** Graph lets these write people too. */
const deviceManagement = [
  'DeviceManagementApps.ReadWrite.All',
  'DeviceManagementConfiguration.ReadWrite.All',
  'DeviceManagementManagedDevices.ReadWrite.All',
  'DeviceManagementServiceConfig.ReadWrite.All',
]

const createPermissions = anyOf('User.ReadWrite.All', 'Directory.ReadWrite.All', ...deviceManagement)

export const createUsers: TenantNeeds = {
  on: 'tenant',
  delegated: createPermissions,
  personal: nobody,
  application: createPermissions,
  roles: ['User Administrator', 'Global Administrator'],
}

/** Permissions that open single members only. */
const narrow: Readonly<Record<string, readonly string[]>> = {
  'User-Mail.ReadWrite.All': ['otherMails'],
  'User-PasswordProfile.ReadWrite.All': ['passwordProfile'],
  'User-Phone.ReadWrite.All': ['businessPhones', 'mobilePhone'],
  'User.EnableDisableAccount.All': ['accountEnabled'],
  'User.ManageIdentities.All': ['identities'],
}

const changeOthers = anyOf('User.ReadWrite.All', 'Directory.ReadWrite.All', ...deviceManagement, ...Object.keys(narrow))

export const writeUser: PersonNeeds = {
  on: 'person',
  self: anyOf('User.ReadWrite', ...changeOthers.permissions),
  others: changeOthers,
  personal: anyOf('User.ReadWrite'),
  application: anyOf(...changeOthers.permissions, 'User.ReadWrite.CrossCloud'),
  roles: ['User Administrator', 'Privileged Authentication Administrator', 'Global Administrator'],
  targets: 'withinReach',
  mfa: 'notAsked',
  members: {
    // The members of the own account that User.ReadWrite may change, according to Graph.
    own: [
      'aboutMe',
      'birthday',
      'hireDate',
      'interests',
      'mobilePhone',
      'mySite',
      'pastProjects',
      'preferredName',
      'responsibilities',
      'schools',
      'skills',
    ],
    // Graph's "Who can perform sensitive actions".
    sensitive: [
      'accountEnabled',
      'businessPhones',
      'mobilePhone',
      'onPremisesImmutableId',
      'otherMails',
      'passwordProfile',
      'userPrincipalName',
    ],
    narrow,
    guarded: ['identities', 'passwordProfile'],
  },
}

const deletePermissions = anyOf('User.DeleteRestore.All', 'User.ReadWrite.All', ...deviceManagement)

export const deleteUser: PersonNeeds = {
  on: 'person',
  self: deletePermissions,
  others: deletePermissions,
  personal: nobody,
  application: anyOf(...deletePermissions.permissions, 'User.ReadWrite.CrossCloud'),
  roles: ['User Administrator', 'Privileged Authentication Administrator', 'Global Administrator'],
  targets: 'withinReach',
  rolesOnSelf: true,
  applicationWithinReach: true,
  mfa: 'notAsked',
}

export async function createUser({ app, grant, body, write }: TenantContext<typeof user>): Promise<Item> {
  checkMembers(body, body)
  const { userPrincipalName, accountEnabled } = requireMembers(body)
  const record = {
    ...kept(body),
    id: app.newItemId(),
    userPrincipalName,
    accountEnabled,
    createdDateTime: renderDateTime(app.now()),
    userType: body.userType ?? 'Member',
    ...proxiesOf(body, []),
  }
  const person = userToPut(grant.tenantId, record)
  await write({ tenantId: grant.tenantId, id: record.id }, async (transaction) => {
    await requireDomain(transaction, grant.tenantId, userPrincipalName)
    if (!(await addUser(transaction, person))) throw taken('userPrincipalName')
    if (!(await changeIdentities(transaction, person, [], identitiesOf(record)))) throw taken('identities')
  })
  return itemOf(record.id, { id: record.id, record: person.record, changes: 0 }, viewOf(grant))
}

export async function updateUser({ grant, body, keys, checkPreconditions, write }: PersonContext<typeof user>): Promise<Item> {
  const { person } = grant
  const view = viewOf(grant)
  return write(person, async (transaction) => {
    const row = await findUser(transaction, person)
    if (row === undefined) throw new GraphError('notFound')
    await checkPreconditions(() => stateOf(row, view))
    const before = JSON.parse(row.record) as User // written by createUser, updateUser or import
    checkMembers(body, { ...before, ...body })
    if (body.mail === null && typeof before.mail === 'string') throw invalidValue(user, 'mail')
    const members = { ...kept(before), ...kept(body), ...proxiesOf(body, before.proxyAddresses ?? []) }
    const after = { ...members, ...requireName(members), ...renamed(members) }
    const name = before.userPrincipalName ?? ''
    // A name from before the tenant's domains were known stays until it is changed.
    if (fold(after.userPrincipalName) !== fold(name)) await requireDomain(transaction, person.tenantId, after.userPrincipalName)
    const changed = userToPut(person.tenantId, after, row.record)
    if (!(await changeUser(transaction, changed, name))) throw taken('userPrincipalName')
    if (!(await changeIdentities(transaction, person, identitiesOf(before), identitiesOf(after)))) throw taken('identities')
    return itemOf(keys.user ?? '', { id: person.id, record: changed.record, changes: Number(row.changes) + 1 }, view)
  })
}

/** With everything that hangs on the person; who is removed can do nothing from then on. */
export async function removeUser({ grant, checkPreconditions, write }: PersonContext<typeof user>): Promise<void> {
  const dropped = await write(grant.person, async (transaction) => {
    await checkPreconditions(async () => {
      const row = await findUser(transaction, grant.person)
      return row === undefined ? undefined : stateOf(row, viewOf(grant))
    })
    return dropUser(transaction, grant.person)
  })
  if (!dropped) throw new GraphError('notFound')
}

/** The members of a body that are stored: all but the password, which nobody signs in with here. */
function kept<M extends Pick<Changes<typeof user>, 'passwordProfile'>>({ passwordProfile: _, ...members }: M): Omit<M, 'passwordProfile'> {
  return members
}

/** As many are kept as mail addresses change; nothing takes them away but that. An import may bring more. */
const mostProxyAddresses = 32

/** A new mail address becomes the main one of the proxy addresses, and the one before it a further one, as in Graph. */
function proxiesOf({ mail }: Changes<typeof user>, before: readonly string[]): { readonly proxyAddresses?: readonly string[] } {
  if (mail === undefined || mail === null) return {}
  const others = before.filter((address) => address.slice(5).toLowerCase() !== mail.toLowerCase())
  const all = [`SMTP:${mail}`, ...others.map((address) => address.replace(/^SMTP:/, 'smtp:'))]
  return { proxyAddresses: all.slice(0, Math.max(mostProxyAddresses, before.length)) }
}

function requireName({ userPrincipalName }: Pick<User, 'userPrincipalName'>): { readonly userPrincipalName: string } {
  if (userPrincipalName === null) throw new GraphError('bodyInvalid', { target: 'userPrincipalName' })
  return { userPrincipalName }
}

/** The identity that is the principal name goes with it. */
function renamed({ identities, userPrincipalName }: Partial<User>): Pick<Partial<User>, 'identities'> {
  if (!identities?.some(({ signInType }) => isPrincipalName(signInType))) return {}
  return {
    identities: identities.map((identity) =>
      isPrincipalName(identity.signInType) ? { ...identity, issuerAssignedId: userPrincipalName ?? null } : identity,
    ),
  }
}

function isPrincipalName(signInType: string | null | undefined): boolean {
  return signInType?.toLowerCase() === 'userprincipalname'
}

/** Else anybody who makes users could make one with the name of somebody of another tenant. Throws `bodyInvalid`. */
async function requireDomain(transaction: Transaction, tenantId: string, name: string): Promise<void> {
  if (await mayHaveName(transaction, tenantId, name)) return
  const message =
    'The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.'
  const target = 'userPrincipalName'
  throw invalidMember(target, message, 'InvalidValue')
}

function taken(target: 'userPrincipalName' | 'identities'): GraphError {
  const message = `Another object with the same value for property ${target} already exists.`
  return invalidMember(target, message, 'ObjectConflict')
}
