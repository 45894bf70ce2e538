/** `/me`, `/users` and `/users/{user}`: the people of the caller's tenant, to look at. */

import { anyOf, nobody, type PersonNeeds, type TenantNeeds } from '../auth/needs.ts'
import { GraphError } from '../errors.ts'
import { user } from '../model/directory.ts'
import type { Item } from '../odata/json.ts'
import { countUsers, findUserRecord, listUsers } from '../store/people.ts'
import { listOptions, type Page, type PersonContext, pageOf, type Resource, readOptions, type TenantContext } from './operation.ts'

/** Graph lets these read people too, since device management has to know whose a device is. */
const deviceManagement = [
  'DeviceManagementApps',
  'DeviceManagementConfiguration',
  'DeviceManagementManagedDevices',
  'DeviceManagementServiceConfig',
].flatMap((area) => [`${area}.Read.All`, `${area}.ReadWrite.All`])

const basicPermission = 'User.ReadBasic.All'
const readOthers = anyOf(
  basicPermission,
  'User.Read.All',
  'User.ReadWrite.All',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
  ...deviceManagement,
)
const readAsApplication = anyOf(...readOthers.permissions, 'User.ReadWrite.CrossCloud')

const readOne: PersonNeeds = {
  on: 'person',
  self: anyOf('User.Read', 'User.ReadWrite', ...readOthers.permissions),
  others: readOthers,
  personal: anyOf('User.Read', 'User.ReadWrite'),
  application: readAsApplication,
  roles: 'none',
  targets: 'anyUser',
  mfa: 'notAsked',
}

const readMany: TenantNeeds = {
  on: 'tenant',
  delegated: readOthers,
  personal: nobody,
  application: readAsApplication,
  roles: 'none',
}

export const users: Resource<typeof user> = {
  path: '/users',
  key: 'user',
  type: user,
  workload: 'directory',
  versions: 'both',
  // biome-ignore format: a table of facts, aligned by hand
  operations: {
    list:  { verb: 'GET', on: 'collection', needs: readMany, query: listOptions, answers: 'page',   run: list },
    count: { verb: 'GET', on: 'count',      needs: readMany,                     answers: 'count',  run: count, consistency: 'eventual' },
    get:   { verb: 'GET', on: 'item',       needs: readOne,  query: readOptions, answers: 'entity', run: get },
  },
}

async function list({ app: { database }, grant, query, pageSize }: TenantContext<typeof user>): Promise<Page> {
  const { tenantId } = grant
  const [after] = query.after ?? []
  const page = pageOf(await listUsers(database, { tenantId, after, skip: query.skip, limit: pageSize + 1 }), pageSize)
  return {
    items: page.rows.map(({ id, record }) => itemOf(id, record, grant.permissions)),
    count: query.count ? await countUsers(database, tenantId) : undefined,
    after: page.last === undefined ? undefined : [page.last.id],
  }
}

async function count({ app: { database }, grant }: TenantContext<typeof user>): Promise<number> {
  return countUsers(database, grant.tenantId)
}

async function get({ app: { database }, grant, keys }: PersonContext<typeof user>): Promise<Item> {
  const record = await findUserRecord(database, grant.person)
  if (record === undefined) throw new GraphError('notFound')
  return itemOf(keys.user ?? '', record, grant.as === 'self' ? [] : grant.permissions)
}

/** What `User.ReadBasic.All` alone lets one see of somebody else; the other members are answered as absent. */
const basicMembers = ['displayName', 'givenName', 'id', 'mail', 'surname', 'userPrincipalName']

function itemOf(key: string, record: string, permissions: readonly string[]): Item {
  const value = JSON.parse(record) as Record<string, unknown> // an object, written by putUser
  const basic = permissions.length > 0 && permissions.every((permission) => permission === basicPermission)
  return {
    type: user,
    value: basic ? Object.fromEntries(Object.entries(value).filter(([name]) => basicMembers.includes(name))) : value,
    path: () => `users('${encodeURIComponent(key.replaceAll("'", "''"))}')`,
  }
}
