/** `/groups`: the groups of the tenant. Who is in them is in group-members.ts. */

import { anyOf, type GroupNeeds, nobody, type TenantNeeds } from '../../auth/needs.ts'
import { GraphError, invalidMember } from '../../errors.ts'
import { type Group, type GroupFacts, group } from '../../model/directory.ts'
import type { Changes } from '../../model/edm.ts'
import { isSameName } from '../../model/text.ts'
import { renderDateTime } from '../../model/time.ts'
import type { Item } from '../../odata/json/render.ts'
import { storedRecord } from '../../odata/json/stored-record.ts'
import { canonicalPath } from '../../odata/url/path.ts'
import { committed } from '../../store/database.ts'
import {
  addGroup,
  addMember,
  changeGroup,
  countGroups,
  dropGroup,
  findGroup,
  type GroupRow,
  holdGroup,
  listGroups,
} from '../../store/tables/groups.ts'
import { userExists } from '../../store/tables/people.ts'
import { invalidValue, refuseEmptyTexts } from '../empty-texts.ts'
import { type GroupContext, listOptions, type Page, pageOf, type Resource, readOptions, type TenantContext, textsOf } from '../operation.ts'
import { boundPeople, memberAlready } from './referred-person.ts'

const readPermissions = anyOf(
  'GroupMember.Read.All',
  'Group.Read.All',
  'Directory.Read.All',
  'Group.ReadWrite.All',
  'Directory.ReadWrite.All',
)
const writePermissions = anyOf('Group.ReadWrite.All', 'Directory.ReadWrite.All')

const read: TenantNeeds = {
  on: 'tenant',
  delegated: readPermissions,
  personal: nobody,
  application: readPermissions,
  roles: 'none',
}

/** Members of a role-assignable group are out of the reach of most administrators, so only a few roles may change the members. */
const writersOf = {
  on: 'group',
  personal: nobody,
  roles: ['Groups Administrator', 'User Administrator', 'Global Administrator'],
  roleAssignable: {
    permissions: ['RoleManagement.ReadWrite.Directory'],
    roles: ['Privileged Role Administrator', 'Global Administrator'],
  },
} as const satisfies Partial<GroupNeeds>

const create: GroupNeeds = {
  ...writersOf,
  delegated: writePermissions,
  application: anyOf('Group.Create', ...writePermissions.permissions),
}
const update: GroupNeeds = { ...writersOf, delegated: writePermissions, application: writePermissions }
const remove: GroupNeeds = { ...writersOf, delegated: anyOf('Group.ReadWrite.All'), application: anyOf('Group.ReadWrite.All') }

/** The needs for changing members or owners, with these permissions. */
export const changeMembers = (...permissions: readonly string[]): GroupNeeds => ({
  ...writersOf,
  delegated: anyOf(...permissions),
  application: anyOf(...permissions),
})

const path = '/groups'

export const groups: Resource<typeof group> = {
  path,
  key: 'group',
  type: group,
  workload: 'directory',
  versions: 'both',
  // biome-ignore format: a table of facts, aligned by hand
  operations: {
    list:   { verb: 'GET',    on: 'collection', needs: read,   query: listOptions, answers: 'page',    run: listAll },
    count:  { verb: 'GET',    on: 'count',      needs: read,                       answers: 'count',   run: countAll, consistency: 'eventual' },
    create: { verb: 'POST',   on: 'collection', needs: create, takes: 'body',      answers: 'created', run: createOne, binds: ['members', 'owners'] },
    get:    { verb: 'GET',    on: 'item',       needs: read,   query: readOptions, answers: 'entity',  run: getOne },
    update: { verb: 'PATCH',  on: 'item',       needs: update, takes: 'body',      answers: 'updated', status: { 'v1.0': 204, beta: 204 }, run: updateOne },
    remove: { verb: 'DELETE', on: 'item',       needs: remove,                     answers: 'nothing', run: removeOne },
  },
}

type Groups = TenantContext<typeof group>
type Changing = GroupContext<typeof group>

async function listAll({ app: { database }, grant, query, pageSize }: Groups): Promise<Page> {
  const { tenantId } = grant
  const [after] = textsOf(query.after, 1) ?? []
  const page = pageOf(
    await listGroups(committed(database), tenantId, { after, skip: query.skip, limit: pageSize + 1 }),
    pageSize,
    ({ record }) => record,
  )
  return {
    items: page.rows.map(itemOf),
    count: query.count ? await countGroups(committed(database), tenantId) : undefined,
    after: page.last === undefined ? undefined : [page.last.id],
  }
}

function countAll({ app: { database }, grant }: Groups): Promise<number> {
  return countGroups(committed(database), grant.tenantId)
}

async function getOne({ app: { database }, grant, keys }: Groups): Promise<Item> {
  return itemOf(await requireGroup(committed(database), grant.tenantId, keys))
}

async function createOne({ app, grant, body: given, bindings, write }: Changing): Promise<Item> {
  const body = withTypes(given)
  for (const name of ['displayName', 'mailEnabled', 'mailNickname', 'securityEnabled'] as const)
    if (body[name] === undefined) throw missing(name)
  checkMembers(body)
  const isAssignable = body.isAssignableToRole === true
  if (isAssignable && body.securityEnabled !== true)
    throw invalidMember('securityEnabled', 'A group that roles can be assigned to must be security-enabled.')
  const { displayName = null, isAssignableToRole: _, ...further } = body
  const id = app.newItemId()
  const record = { groupTypes: [], ...further, createdDateTime: renderDateTime(app.now()) }
  const toAdd = { id, displayName, isRoleAssignable: isAssignable, record: storedRecord(JSON.stringify(record)) }
  const bound = await boundPeople(app, grant, bindings, writePermissions.permissions)
  await write(bound.length === 0 ? 'nobody' : 'everyone', async (transaction) => {
    await addGroup(transaction, grant.tenantId, toAdd)
    for (const { person, name, relation, target } of bound) {
      if (!(await userExists(transaction, person))) throw new GraphError('notFound', { target })
      if (!(await addMember(transaction, person, id, relation))) throw memberAlready(name, target)
    }
  })
  return itemOf({ id, display_name: displayName, is_role_assignable: isAssignable ? 1 : 0, record: toAdd.record })
}

async function updateOne({ app, grant, body: given, keys, checkPreconditions, write }: Changing): Promise<Item> {
  const body = withTypes(given)
  checkMembers(body)
  const row = await requireGroup(committed(app.database), grant.tenantId, keys)
  for (const name of ['isAssignableToRole', 'groupTypes'] as const)
    if (body[name] !== undefined && JSON.stringify(body[name]) !== JSON.stringify(groupOf(row)[name] ?? null))
      throw invalidMember(name, `Property ${name} cannot be changed after the group is made.`)
  return write('nobody', async (transaction) => {
    await holdGroup(transaction, grant.tenantId, row.id)
    const before = await requireGroup(transaction, grant.tenantId, keys)
    await checkPreconditions(() => stateOf(before))
    const { id, displayName = null, isAssignableToRole: _, ...further } = { ...groupOf(before), ...body }
    const record = storedRecord(JSON.stringify(further), before.record ?? '')
    await changeGroup(transaction, grant.tenantId, { id, displayName, record })
    return itemOf({ ...before, display_name: displayName, record })
  })
}

/** Its members are no longer what the group made of them. */
async function removeOne({ grant, checkPreconditions, write }: Changing): Promise<void> {
  const { tenantId } = grant
  const { id, isRoleAssignable } = existing(grant)
  const dropped = await write(isRoleAssignable ? 'everyone' : 'nobody', async (transaction) => {
    await checkPreconditions(async () => {
      await holdGroup(transaction, tenantId, id)
      const now = await findGroup(transaction, tenantId, id)
      return now === undefined ? undefined : stateOf(now)
    })
    return dropGroup(transaction, tenantId, id)
  })
  if (!dropped) throw new GraphError('notFound')
}

/** The group that the path of an operation names. */
export function existing({ group }: Changing['grant']): GroupFacts {
  if (group === undefined) throw new GraphError('notFound')
  return group
}

/** The group that the path names. Throws `notFound`. */
export async function requireGroup(
  source: Parameters<typeof findGroup>[0],
  tenantId: string,
  keys: Readonly<Record<string, string>>,
): Promise<GroupRow> {
  const row = await findGroup(source, tenantId, keys.group ?? '')
  if (row === undefined) throw new GraphError('notFound')
  return row
}

function isRoleAssignable({ is_role_assignable }: GroupRow): boolean {
  return Number(is_role_assignable) === 1
}

/** Group types in the declared spelling. */
function withTypes(body: Changes<typeof group>): Changes<typeof group> {
  if (body.groupTypes === undefined || body.groupTypes === null) return body
  return { ...body, groupTypes: body.groupTypes.map((type) => (isSameName('Unified', type) ? 'Unified' : type)) }
}

function checkMembers(body: Changes<typeof group>): void {
  for (const name of ['displayName', 'mailEnabled', 'mailNickname', 'securityEnabled'] as const)
    if (body[name] === null || body[name] === '') throw missing(name)
  checkValues(body)
  for (const type of body.groupTypes ?? []) {
    if (type === 'DynamicMembership')
      throw new GraphError('notImplemented', {
        target: 'groupTypes',
        message: 'Groups whose membership follows a rule are not supported by this server.',
      })
    if (type !== 'Unified') throw invalidMember('groupTypes', 'Expected Unified, or nothing.')
  }
}

/** Checks the values of the members that a body or a record has, whichever they are. Throws `bodyInvalid` with `target`. */
export function checkValues(body: Partial<Group>): void {
  refuseEmptyTexts(group, body)
  const { mailNickname } = body
  if (typeof mailNickname === 'string' && (!/^[\x21-\x7e]+$/.test(mailNickname) || /[@()\\[\]";:.<>,]/.test(mailNickname)))
    throw invalidValue(group, 'mailNickname')
}

function missing(name: string): GraphError {
  return invalidMember(name, `Property ${name} value is required but is empty or missing.`)
}

type Kept = Partial<Group> & Pick<Group, 'id'>

function groupOf(row: GroupRow): Kept {
  const further = JSON.parse(row.record ?? '{}') as Partial<Group> // written by createOne and updateOne
  return { ...further, id: row.id, displayName: row.display_name, isAssignableToRole: isRoleAssignable(row) || null }
}

function stateOf({ id, display_name, is_role_assignable, record }: GroupRow): string {
  return JSON.stringify([id, display_name, Number(is_role_assignable), record])
}

function itemOf(row: GroupRow): Item {
  return {
    type: group,
    value: groupOf(row),
    state: stateOf(row),
    path: () => `${canonicalPath(path, {})}('${encodeURIComponent(row.id.replaceAll("'", "''"))}')`,
  }
}
