/** `/me`, `/users` and `/users/{user}`: the people of the caller's tenant. What may be done, and how they are looked at. */

import type { TenantGrant } from '../../auth/grant.ts'
import { anyOf, nobody, type PersonNeeds, type TenantNeeds } from '../../auth/needs.ts'
import { GraphError } from '../../errors.ts'
import type { Asker } from '../../model/asker.ts'
import { user } from '../../model/directory.ts'
import type { Item } from '../../odata/json/render.ts'
import { committed, type Readable } from '../../store/database.ts'
import { isPositionOf, orderOf, type Selection } from '../../store/query/pages.ts'
import { countUsers, findUser, listUsers, usersTable } from '../../store/tables/people.ts'
import {
  countOptions,
  otherCollection,
  type Page,
  type PersonContext,
  pageOf,
  queryOptions,
  type Resource,
  readOptions,
  type TenantContext,
} from '../operation.ts'
import { itemOf, readAsApplication, readOthers, requireSeen, viewOf } from './user-item.ts'
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
  expandable: ['authentication', 'profile'],
  searched: ['displayName', 'givenName', 'surname', 'mail', 'userPrincipalName'],
  // biome-ignore format: a table of facts, aligned by hand
  operations: {
    list:   { verb: 'GET',    on: 'collection', needs: readMany,    query: [...queryOptions, 'expand'], answers: 'page', run: list },
    count:  { verb: 'GET',    on: 'count',      needs: readMany,    query: countOptions, answers: 'count',  run: count, consistency: 'eventual' },
    create: { verb: 'POST',   on: 'collection', needs: createUsers, takes: 'body',      answers: 'created', run: createUser },
    get:    { verb: 'GET',    on: 'item',       needs: readOne,     query: [...readOptions, 'expand'], answers: 'entity', run: get },
    update: { verb: 'PATCH',  on: 'item',       needs: writeUser,   takes: 'body',      answers: 'updated', status: { 'v1.0': 204, beta: 204 }, run: updateUser },
    remove: { verb: 'DELETE', on: 'item',       needs: deleteUser,                      answers: 'nothing', run: removeUser },
  },
}

async function list({ app: { database }, grant, asker, query, pageSize }: TenantContext<typeof user>): Promise<Page> {
  const { tenantId } = grant
  const view = viewOf(grant)
  requireSeen(view, query.members)
  const { filter, after, skip } = query
  const order = orderOf(usersTable, query)
  if (after !== undefined && !isPositionOf(order, after)) throw otherCollection()
  const page = pageOf(
    await listUsers(database, { asker, tenantId, filter, order, after, skip, limit: pageSize + 1 }),
    pageSize,
    ({ row }) => row.record,
  )
  return {
    items: page.rows.map(({ row }) => itemOf(row.id, row, view)),
    count: query.count ? await counted(database, grant, query, asker) : undefined,
    positions: page.rows.map(({ position }) => position),
    after: page.last?.position,
  }
}

async function count({ app: { database }, grant, asker, query }: TenantContext<typeof user>): Promise<number> {
  requireSeen(viewOf(grant), query.members)
  return counted(database, grant, query, asker)
}

function counted(database: Readable, { tenantId }: TenantGrant, { filter }: Pick<Selection, 'filter'>, asker: Asker): Promise<number> {
  return countUsers(database, tenantId, filter, asker)
}

async function get({ app: { database }, grant, keys }: PersonContext<typeof user>): Promise<Item> {
  const row = await findUser(committed(database), grant.person)
  if (row === undefined) throw new GraphError('notFound')
  return itemOf(keys.user ?? '', row, viewOf(grant))
}
