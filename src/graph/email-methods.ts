/** `/users/{user}/authentication/emailMethods`: the address that gets a person back into the account. At most one. */

import { anyOf, type PersonNeeds } from '../auth/needs.ts'
import { GraphError, invalidMember } from '../errors.ts'
import { emailAuthenticationMethod, emailMethodId } from '../model/authentication.ts'
import type { PersonKey } from '../model/directory.ts'
import type { Changes } from '../model/edm.ts'
import { parseDateTime, renderDateTime, sortableTime } from '../model/time.ts'
import type { Item } from '../odata/json/render.ts'
import { canonicalPath } from '../odata/url/path.ts'
import type { Source } from '../store/database.ts'
import { belongingsOf } from '../store/person-memory.ts'
import { addEmailMethod, changeEmailMethod, dropEmailMethod, type EmailMethodRow, findEmailMethod } from '../store/tables/email-methods.ts'
import type { Lookups } from '../store/tables/lookups.ts'
import { countInMemory, queryInMemory } from './in-memory.ts'
import { countOptions, type Page, type PersonContext, queryOptions, type Resource, readOptions } from './operation.ts'

const readOthers = anyOf(
  'UserAuthMethod-Email.Read.All',
  'UserAuthenticationMethod.Read.All',
  'UserAuthMethod-Email.ReadWrite.All',
  'UserAuthenticationMethod.ReadWrite.All',
)
const writeOthers = anyOf('UserAuthMethod-Email.ReadWrite.All', 'UserAuthenticationMethod.ReadWrite.All')

const read: PersonNeeds = {
  on: 'person',
  self: anyOf(
    'UserAuthMethod-Email.Read',
    'UserAuthenticationMethod.Read',
    'UserAuthMethod-Email.ReadWrite',
    'UserAuthenticationMethod.ReadWrite',
    ...readOthers.permissions,
  ),
  others: readOthers,
  personal: { permissions: [] },
  application: readOthers,
  roles: ['Global Reader', 'Authentication Administrator', 'Privileged Authentication Administrator'],
  targets: 'anyUser',
  mfa: 'notAsked',
}

const edit: PersonNeeds = {
  on: 'person',
  self: anyOf('UserAuthMethod-Email.ReadWrite', 'UserAuthenticationMethod.ReadWrite', ...writeOthers.permissions),
  others: writeOthers,
  personal: { permissions: [] },
  // Graph limits an application by its permission alone: neither a role nor the target's protection counts.
  application: writeOthers,
  roles: ['Authentication Administrator', 'Privileged Authentication Administrator'],
  targets: 'withinReach',
  mfa: 'change',
}

/** Graph lets people take their own method away even where they may not set one. */
const erase: PersonNeeds = { ...edit, mfa: 'asked' }

const path = '/users/{user}/authentication/emailMethods'

export const emailMethods: Resource<typeof emailAuthenticationMethod> = {
  path,
  key: 'id',
  type: emailAuthenticationMethod,
  workload: 'authentication',
  versions: 'both',
  searched: ['emailAddress'],
  // biome-ignore format: a table of facts, aligned by hand
  operations: {
    list:    { verb: 'GET',    on: 'collection', needs: read,  query: queryOptions, answers: 'page',   run: list },
    count:   { verb: 'GET',    on: 'count',      needs: read,  query: countOptions, answers: 'count',  run: count },
    create:  { verb: 'POST',   on: 'collection', needs: edit,  takes: 'body',      answers: 'created', run: create },
    get:     { verb: 'GET',    on: 'item',       needs: read,  query: readOptions, answers: 'entity',  run: get },
    update:  { verb: 'PATCH',  on: 'item',       needs: edit,  takes: 'body',      answers: 'updated', status: { 'v1.0': 204, beta: 200 }, run: update },
    replace: { verb: 'PUT',    on: 'item',       needs: edit,  takes: 'body',      answers: 'updated', status: { 'v1.0': 200, beta: 200 }, run: update },
    remove:  { verb: 'DELETE', on: 'item',       needs: erase,                     answers: 'nothing', run: remove },
  },
}

type Methods = PersonContext<typeof emailAuthenticationMethod>

async function list({ app: { lookups }, grant, query, keys, pageSize }: Methods): Promise<Page> {
  return queryInMemory(await methodsOf(lookups, grant.person, keys), query, pageSize)
}

async function count({ app: { lookups }, grant, query, keys }: Methods): Promise<number> {
  return countInMemory(await methodsOf(lookups, grant.person, keys), query)
}

async function get({ app: { lookups }, grant, keys }: Methods): Promise<Item> {
  requireMethodId(keys)
  const [item] = await methodsOf(lookups, grant.person, keys)
  if (item === undefined) throw new GraphError('notFound')
  return item
}

async function create({ app, grant, body, keys, change }: Methods): Promise<Item> {
  const { person } = grant
  const row = { email_address: requireAddress(body), created_at: sortableTime(renderDateTime(app.now())) }
  const added = await change(belongingsOf(person), () => ({
    statement: (condition) => addEmailMethod(condition, person, row),
    result: row,
  }))
  if (added === undefined) throw new GraphError('methodExists')
  return itemOf(person, added, keys)
}

async function update({ grant: { person }, body, keys, checkPreconditions, change }: Methods): Promise<Item> {
  requireMethodId(keys)
  const address = requireAddress(body)
  const changed = await change(belongingsOf(person), async (source) => {
    const before = await requireMethod(source, person)
    await checkPreconditions(() => stateOf(person, before))
    return {
      statement: (condition) => changeEmailMethod(condition, person, before, address),
      result: { ...before, email_address: address },
    }
  })
  if (changed === undefined) throw new GraphError('notFound')
  return itemOf(person, changed, keys)
}

async function remove({ grant: { person }, keys, checkPreconditions, change }: Methods): Promise<void> {
  requireMethodId(keys)
  const dropped = await change(belongingsOf(person), async (source) => {
    const seen: { method?: EmailMethodRow } = {}
    await checkPreconditions(async () => {
      seen.method = await requireMethod(source, person)
      return stateOf(person, seen.method)
    })
    return { statement: (condition) => dropEmailMethod(condition, person, seen.method), result: true }
  })
  if (dropped === undefined) throw new GraphError('notFound')
}

async function requireMethod(source: Source, person: PersonKey): Promise<EmailMethodRow> {
  const row = await findEmailMethod(source, person)
  if (row === undefined) throw new GraphError('notFound')
  return row
}

function requireMethodId({ id }: Readonly<Record<string, string>>): void {
  if (id !== emailMethodId) throw new GraphError('notFound')
}

function requireAddress({ emailAddress }: Changes<typeof emailAuthenticationMethod>): string {
  if (emailAddress === undefined || emailAddress === null) throw invalidMember('emailAddress', 'The email address is required.')
  return emailAddress
}

/** The email methods of a person as items: none or one. */
export async function methodsOf(lookups: Lookups, person: PersonKey, keys: Readonly<Record<string, string>>): Promise<readonly Item[]> {
  const row = await lookups.emailMethod(person)
  return row === undefined ? [] : [itemOf(person, row, keys)]
}

/** With the person, since the id is everybody's. */
function stateOf({ tenantId, id }: PersonKey, { email_address, created_at }: EmailMethodRow): string {
  return JSON.stringify([tenantId, id, created_at, email_address])
}

function itemOf(person: PersonKey, row: EmailMethodRow, keys: Readonly<Record<string, string>>): Item {
  const { email_address, created_at } = row
  return {
    type: emailAuthenticationMethod,
    state: stateOf(person, row),
    value: { id: emailMethodId, emailAddress: email_address, createdDateTime: parseDateTime(created_at) },
    path: () => `${canonicalPath(path, keys)}('${emailMethodId}')`,
  }
}
