/** `/me`, `/users` and `/users/{user}`: the people of the caller's tenant. What may be done, and how they are looked at. */

import { anyOf, nobody, type PersonNeeds, type TenantNeeds } from '../auth/needs.ts'
import { GraphError } from '../errors.ts'
import { user } from '../model/directory.ts'
import type { Item } from '../odata/json.ts'
import { committed } from '../store/database.ts'
import { countUsers, findUserRecord, listUsers } from '../store/people.ts'
import { listOptions, type Page, type PersonContext, pageOf, type Resource, readOptions, type TenantContext } from './operation.ts'
import { itemOf, readAsApplication, readOthers } from './user-item.ts'
import { createUser, createUsers, deleteUser, removeUser, updateUser, writeUser } from './user-writes.ts'

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
    list:   { verb: 'GET',    on: 'collection', needs: readMany,    query: listOptions, answers: 'page',    run: list },
    count:  { verb: 'GET',    on: 'count',      needs: readMany,                        answers: 'count',   run: count, consistency: 'eventual' },
    create: { verb: 'POST',   on: 'collection', needs: createUsers, takes: 'body',      answers: 'created', run: createUser },
    get:    { verb: 'GET',    on: 'item',       needs: readOne,     query: readOptions, answers: 'entity',  run: get },
    update: { verb: 'PATCH',  on: 'item',       needs: writeUser,   takes: 'body',      answers: 'updated', status: { 'v1.0': 204, beta: 204 }, run: updateUser },
    remove: { verb: 'DELETE', on: 'item',       needs: deleteUser,                      answers: 'nothing', run: removeUser },
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
  const record = await findUserRecord(committed(database), grant.person)
  if (record === undefined) throw new GraphError('notFound')
  return itemOf(keys.user ?? '', record, grant.as === 'self' ? [] : grant.permissions)
}
