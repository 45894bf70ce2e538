/** `/groups/{group}/members` and `/owners`: who is in a group, which audiences and the reach of administrators depend on. */

import { anyOf, type GroupNeeds, nobody, type TenantNeeds } from '../../auth/needs.ts'
import { GraphError } from '../../errors.ts'
import { directoryObject, user } from '../../model/directory.ts'
import type { Item } from '../../odata/json/render.ts'
import { committed } from '../../store/database.ts'
import { addMember, countMembers, dropMember, findMember, type GroupRelation, holdGroup, listMembers } from '../../store/tables/groups.ts'
import { userExists } from '../../store/tables/people.ts'
import { type GroupContext, listOptions, type Page, pageOf, type Resource, readOptions, type TenantContext, textsOf } from '../operation.ts'
import { itemOf, viewOf } from '../users/user-item.ts'
import { changeMembers, existing, requireGroup } from './groups.ts'
import { memberAlready, personOf } from './referred-person.ts'

const readPermissions = anyOf(
  'GroupMember.Read.All',
  'Group.Read.All',
  'Directory.Read.All',
  'GroupMember.ReadWrite.All',
  'Group.ReadWrite.All',
)

const read: TenantNeeds = {
  on: 'tenant',
  delegated: readPermissions,
  personal: nobody,
  application: readPermissions,
  roles: 'none',
}

const writeMembers = changeMembers('GroupMember.ReadWrite.All', 'Group.ReadWrite.All', 'Directory.ReadWrite.All')
const writeOwners = changeMembers('Group.ReadWrite.All', 'Directory.ReadWrite.All')

export const groupMembers = peopleOf('members', 'member', writeMembers)
export const groupOwners = peopleOf('owners', 'owner', writeOwners)

type People = TenantContext<typeof user>
type Changing = GroupContext<typeof user>

function peopleOf(name: 'members' | 'owners', relation: GroupRelation, change: GroupNeeds): Resource<typeof user> {
  return {
    path: `/groups/{group}/${name}`,
    key: relation,
    type: user,
    declaredType: directoryObject,
    workload: 'directory',
    versions: 'both',
    contextPath: 'directoryObjects',
    // biome-ignore format: a table of facts, aligned by hand
    operations: {
      list:   { verb: 'GET',    on: 'collection', needs: read,   query: listOptions, answers: 'page',    run: (context: People) => list(context, relation) },
      count:  { verb: 'GET',    on: 'count',      needs: read,                     answers: 'count',   run: (context: People) => count(context, relation), consistency: 'eventual' },
      get:    { verb: 'GET',    on: 'item',       needs: read,  query: readOptions, answers: 'entity',  run: (context: People) => get(context, relation) },
      getRef: { verb: 'GET',    on: 'itemRef',    needs: read,                     answers: 'reference', run: (context: People) => get(context, relation) },
      add:    { verb: 'POST',   on: 'ref',        needs: change, takes: 'reference', answers: 'nothing', run: (context: Changing) => add(context, name, relation) },
      remove: { verb: 'DELETE', on: 'itemRef',    needs: change,                     answers: 'nothing', run: (context: Changing) => remove(context, relation) },
    },
  }
}

async function list({ app, grant, query, keys, pageSize }: People, relation: GroupRelation): Promise<Page> {
  const source = committed(app.database)
  const { tenantId } = grant
  const { id } = await requireGroup(source, tenantId, keys)
  const [after] = textsOf(query.after, 1) ?? []
  const page = pageOf(
    await listMembers(source, tenantId, id, relation, { after, skip: query.skip, limit: pageSize + 1 }),
    pageSize,
    ({ record }) => record,
  )
  // Callers who may see the group alone see that there is somebody, and not who it is: as Graph has it.
  const view = viewOf(grant)
  return {
    items: page.rows.map((row) => itemOf(row.id, row, view)),
    count: query.count ? await countMembers(source, tenantId, id, relation) : undefined,
    after: page.last === undefined ? undefined : [page.last.id],
  }
}

async function count({ app, grant, keys }: People, relation: GroupRelation): Promise<number> {
  const source = committed(app.database)
  const { id } = await requireGroup(source, grant.tenantId, keys)
  return countMembers(source, grant.tenantId, id, relation)
}

async function get({ app, grant, keys }: People, relation: GroupRelation): Promise<Item> {
  const source = committed(app.database)
  const { id } = await requireGroup(source, grant.tenantId, keys)
  const row = await findMember(source, { tenantId: grant.tenantId, id: keys[relation] ?? '' }, id, relation)
  if (row === undefined) throw new GraphError('notFound')
  return itemOf(row.id, row, viewOf(grant))
}

async function add({ app, grant, reference, write }: Changing, name: 'members' | 'owners', relation: GroupRelation): Promise<void> {
  const { tenantId } = grant
  const group = existing(grant)
  if (reference === undefined) throw new Error('a reference was read from the body')
  const person = await personOf(app, tenantId, { reference, target: '@odata.id' })
  const added = await write(person, async (transaction) => {
    const bothThere = (await holdGroup(transaction, tenantId, group.id)) && (await userExists(transaction, person))
    if (!bothThere) throw new GraphError('notFound')
    return addMember(transaction, person, group.id, relation)
  })
  if (!added) throw memberAlready(name)
}

async function remove({ grant, keys, checkPreconditions, write }: Changing, relation: GroupRelation): Promise<void> {
  const group = existing(grant)
  const person = { tenantId: grant.tenantId, id: keys[relation] ?? '' }
  const dropped = await write(person, async (transaction) => {
    const found = await dropMember(transaction, person, group.id, relation)
    // A reference has no tag of its own.
    await checkPreconditions(() => (found ? null : undefined))
    return found
  })
  if (!dropped) throw new GraphError('notFound')
}
