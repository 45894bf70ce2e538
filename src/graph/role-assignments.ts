/** `/roleManagement/directory/roleAssignments`: which administrator roles the users of the tenant hold. */

import { anyOf, nobody, type TenantNeeds } from '../auth/needs.ts'
import { GraphError, invalidMember } from '../errors.ts'
import { unifiedRoleAssignment } from '../model/directory.ts'
import type { Changes } from '../model/edm.ts'
import type { Item } from '../odata/json/render.ts'
import { committed, type Transaction } from '../store/database.ts'
import { groupExists } from '../store/tables/directory.ts'
import { userExists } from '../store/tables/people.ts'
import {
  addRoleAssignment,
  administrativeUnitExists,
  countRoleAssignments,
  dropRoleAssignment,
  listRoleAssignments,
  type RoleAssignmentKey,
  roleAssignmentExists,
} from '../store/tables/role-assignments.ts'
import { listOptions, type Page, pageOf, type Resource, readOptions, type TenantContext, textsOf } from './operation.ts'

const readPermissions = [
  'RoleManagement.Read.Directory',
  'RoleManagement.ReadWrite.Directory',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
]
const writePermissions = anyOf('RoleManagement.ReadWrite.Directory')

const read: TenantNeeds = {
  on: 'tenant',
  delegated: anyOf(...readPermissions, 'RoleManagement.Read.All'),
  personal: nobody,
  application: anyOf(...readPermissions),
  roles: ['Directory Readers', 'Global Reader', 'Privileged Role Administrator', 'Global Administrator'],
}

const edit: TenantNeeds = {
  on: 'tenant',
  delegated: writePermissions,
  personal: nobody,
  application: writePermissions,
  roles: ['Privileged Role Administrator', 'Global Administrator'],
}

const path = '/roleManagement/directory/roleAssignments'

export const roleAssignments: Resource<typeof unifiedRoleAssignment> = {
  path,
  key: 'assignment',
  type: unifiedRoleAssignment,
  workload: 'directory',
  versions: 'both',
  // biome-ignore format: a table of facts, aligned by hand
  operations: {
    list:   { verb: 'GET',    on: 'collection', needs: read,  query: listOptions, answers: 'page',    run: list },
    create: { verb: 'POST',   on: 'collection', needs: edit,  takes: 'body',      answers: 'created', run: create },
    get:    { verb: 'GET',    on: 'item',       needs: read,  query: readOptions, answers: 'entity',  run: get },
    remove: { verb: 'DELETE', on: 'item',       needs: edit,                      answers: 'nothing', run: remove },
  },
}

type Assignments = TenantContext<typeof unifiedRoleAssignment>

async function list({ app: { database }, grant, query, pageSize }: Assignments): Promise<Page> {
  const { tenantId } = grant
  const [userId, roleId, scope] = textsOf(query.after, 3) ?? []
  const after = userId === undefined || roleId === undefined || scope === undefined ? undefined : ([userId, roleId, scope] as const)
  const page = pageOf(await listRoleAssignments(committed(database), { tenantId, after, skip: query.skip, limit: pageSize + 1 }), pageSize)
  const { last } = page
  return {
    items: page.rows.map(({ user_id, role_id, scope }) => itemOf({ tenantId, userId: user_id, roleId: role_id, scope })),
    count: query.count ? await countRoleAssignments(committed(database), tenantId) : undefined,
    after: last === undefined ? undefined : [last.user_id, last.role_id, last.scope],
  }
}

async function get({ app: { database }, grant, keys }: Assignments): Promise<Item> {
  const key = parseId(grant.tenantId, keys.assignment ?? '')
  if (key === undefined || !(await roleAssignmentExists(committed(database), key))) throw new GraphError('notFound')
  return itemOf(key)
}

/** The next request of the one who holds the role, and of whoever acts on them, knows of it. */
async function create({ grant, body, write }: Assignments): Promise<Item> {
  const key = keyOf(grant.tenantId, body)
  const added = await write({ tenantId: key.tenantId, id: key.userId }, async (transaction) => {
    await requireThere(transaction, key)
    return addRoleAssignment(transaction, key)
  })
  if (!added) {
    const message = 'A conflicting object with one or more of the specified property values is present in the directory.'
    throw new GraphError('bodyInvalid', { message, details: [{ code: 'ConflictingObjects', message }] })
  }
  return itemOf(key)
}

async function remove({ grant, keys, checkPreconditions, write }: Assignments): Promise<void> {
  const key = parseId(grant.tenantId, keys.assignment ?? '')
  if (key === undefined) throw new GraphError('notFound')
  const dropped = await write({ tenantId: key.tenantId, id: key.userId }, async (transaction) => {
    const found = await dropRoleAssignment(transaction, key)
    // An assignment is never another than it was: what can be wrong is that a tag of something else was sent.
    await checkPreconditions(() => (found ? stateOf(key) : undefined))
    return found
  })
  if (!dropped) throw new GraphError('notFound')
}

const templateId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const unitPrefix = '/administrativeUnits/'

/** Reads the assignment in a body. An unknown role is stored as well, and makes its holder harder to reach. */
function keyOf(tenantId: string, body: Changes<typeof unifiedRoleAssignment>): RoleAssignmentKey {
  const roleId = required(body, 'roleDefinitionId').toLowerCase()
  const userId = required(body, 'principalId')
  const scope = required(body, 'directoryScopeId')
  if (!templateId.test(roleId)) throw invalidMember('roleDefinitionId', 'Expected the template id of a role.')
  if (scope !== '/' && !scope.startsWith(unitPrefix)) throw invalidMember('directoryScopeId', 'Expected / or /administrativeUnits/{id}.')
  return { tenantId, userId, roleId, scope }
}

function required(body: Changes<typeof unifiedRoleAssignment>, name: keyof Changes<typeof unifiedRoleAssignment>): string {
  const value = body[name]
  if (value === undefined || value === null || value === '')
    throw invalidMember(name, `Property ${name} value is required but is empty or missing.`)
  return value
}

async function requireThere(transaction: Transaction, { tenantId, userId, scope }: RoleAssignmentKey): Promise<void> {
  if (!(await userExists(transaction, { tenantId, id: userId }))) {
    if (await groupExists(transaction, tenantId, userId))
      throw new GraphError('notImplemented', { target: 'principalId', message: 'Roles are assigned to users only by this server.' })
    throw new GraphError('notFound', { target: 'principalId' })
  }
  if (scope !== '/' && !(await administrativeUnitExists(transaction, tenantId, scope.slice(unitPrefix.length))))
    throw invalidMember('directoryScopeId', 'There is no such administrative unit.')
}

/** Opaque to clients, and the same for as long as the assignment is the same. */
function renderId({ userId, roleId, scope }: RoleAssignmentKey): string {
  return Buffer.from(JSON.stringify([userId, roleId, scope])).toString('base64url')
}

function parseId(tenantId: string, id: string): RoleAssignmentKey | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(id, 'base64url').toString())
    if (!Array.isArray(parts) || parts.length !== 3) return undefined
    const [userId, roleId, scope] = parts.map(String)
    if (userId === undefined || roleId === undefined || scope === undefined) return undefined
    const key = { tenantId, userId, roleId, scope }
    // One assignment has one id; and what the database cannot hold has none.
    return renderId(key) === id && !parts.join('').includes('\u0000') ? key : undefined
  } catch {
    return undefined
  }
}

function stateOf({ tenantId, userId, roleId, scope }: RoleAssignmentKey): string {
  return JSON.stringify([tenantId, userId, roleId, scope])
}

function itemOf(key: RoleAssignmentKey): Item {
  const id = renderId(key)
  return {
    type: unifiedRoleAssignment,
    state: stateOf(key),
    value: { id, directoryScopeId: key.scope, principalId: key.userId, roleDefinitionId: key.roleId },
    path: () => `${path.slice(1)}('${id}')`,
  }
}
