/** `/users/{user}/profile/emails`: the addresses that a person shows, and who sees which. */

import type { PersonGrant } from '../auth/grant.ts'
import { anyOf, nobody, type PersonNeeds, whenAllowed } from '../auth/needs.ts'
import { GraphError, invalidMember } from '../errors.ts'
import type { PersonKey } from '../model/directory.ts'
import type { Changes } from '../model/edm.ts'
import { emailsPerProfile, type IdentitySet, type ItemEmail, itemEmail, itemFacet } from '../model/profile.ts'
import { renderDateTime } from '../model/time.ts'
import type { Item } from '../odata/json/render.ts'
import type { SortKey } from '../odata/query/condition.ts'
import { committed, type Source } from '../store/database.ts'
import { belongingsOf } from '../store/person-memory.ts'
import { isPositionOf } from '../store/query/pages.ts'
import {
  addEmail,
  changeEmail,
  countEmails,
  dropEmail,
  type EmailRow,
  findEmail,
  selectEmails,
  type VisibleAudiences,
  visibleEmails,
} from '../store/tables/profile-emails.ts'
import { visibleAudiencesOf } from './audiences.ts'
import {
  countOptions,
  otherCollection,
  type Page,
  type PersonContext,
  pageOf,
  queryOptions,
  type Resource,
  readOptions,
  textsOf,
} from './operation.ts'
import { defaultAudiences, emailToPut, itemOf, nothingInferred, path, rowOf } from './profile-email-item.ts'

const read = anyOf('User.Read', 'User.ReadWrite', 'User.ReadBasic.All', 'User.Read.All', 'User.ReadWrite.All')
const write = anyOf('User.ReadWrite', 'User.ReadWrite.All')

/** Somebody else may look, and sees what the audience of each item lets them see. */
export const readProfile: PersonNeeds = {
  on: 'person',
  self: read,
  others: read,
  personal: whenAllowed('allowPersonalAccounts', anyOf('User.Read', 'User.ReadWrite')),
  application: whenAllowed('allowApplications', anyOf('User.Read.All', 'User.ReadWrite.All')),
  roles: 'none',
  targets: 'anyUser',
  mfa: 'notAsked',
  crossTenant: true,
}

/** The owner alone. */
export const writeProfile: PersonNeeds = {
  on: 'person',
  self: write,
  others: nobody,
  personal: whenAllowed('allowPersonalAccounts', anyOf('User.ReadWrite')),
  application: nobody,
  roles: 'none',
  targets: 'anyUser',
  mfa: 'notAsked',
}

export const profileEmails: Resource<typeof itemEmail> = {
  path,
  key: 'id',
  type: itemEmail,
  workload: 'profile',
  versions: 'beta',
  searched: ['address', 'displayName'],
  // biome-ignore format: a table of facts, aligned by hand
  operations: {
    list:      { verb: 'GET',    on: 'collection', needs: readProfile,  query: queryOptions, answers: 'page',   remembered: true, run: list },
    count:     { verb: 'GET',    on: 'count',      needs: readProfile,  query: countOptions, answers: 'count',  run: count },
    create:    { verb: 'POST',   on: 'collection', needs: writeProfile, takes: 'body',       answers: 'created', saysType: true, run: create },
    createRef: { verb: 'POST',   on: 'ref',        needs: writeProfile, takes: 'body',      answers: 'created', saysType: true, run: create },
    get:       { verb: 'GET',    on: 'item',       needs: readProfile,  query: readOptions, answers: 'entity',  run: get },
    update:    { verb: 'PATCH',  on: 'item',       needs: writeProfile, takes: 'body',      answers: 'updated', status: { 'v1.0': 200, beta: 200 }, run: update },
    remove:    { verb: 'DELETE', on: 'item',       needs: writeProfile,                     answers: 'nothing', run: remove },
  },
}

type Emails = PersonContext<typeof itemEmail>

async function list(context: Emails): Promise<Page> {
  const { app, grant, query, keys, pageSize } = context
  const { database } = app
  const visible = await visibleAudiencesOf(app, grant)
  if (query.filter !== undefined || query.order.length > 0) return select(context, visible)
  const after = textsOf(query.after, 2)
  const place = after === undefined ? undefined : ([after[0] ?? '', after[1] ?? ''] as const)
  const rows = await (place === undefined
    ? app.lookups.emails(grant.person, visible)
    : visibleEmails(database, grant.person, visible, place))
  const page = pageOf(query.skip === 0 ? rows : rows.slice(query.skip), pageSize, ({ record }) => record)
  return {
    items: page.rows.map((row) => itemOf(row, keys)),
    count: query.count ? await countEmails(database, grant.person, visible) : undefined,
    after: page.last === undefined ? undefined : [page.last.created_at, page.last.id],
  }
}

const { createdDateTime } = itemFacet.properties
/** As emails come where nobody asks for an order. */
const byCreation: SortKey = {
  by: { term: 'member', kind: 'instant', path: ['createdDateTime'], element: undefined, property: createdDateTime },
  direction: 'asc',
}

async function select({ app: { database }, grant, asker, query, keys, pageSize }: Emails, visible: VisibleAudiences): Promise<Page> {
  const { filter, after, skip } = query
  const order = query.order.length === 0 ? [byCreation] : query.order
  if (after !== undefined && !isPositionOf(order, after)) throw otherCollection()
  const page = pageOf(
    await selectEmails(database, grant.person, { asker, visible, filter, order, after, skip, limit: pageSize + 1 }),
    pageSize,
    ({ row }) => row.record,
  )
  return {
    items: page.rows.map(({ row }) => itemOf(row, keys)),
    count: query.count ? await countEmails(database, grant.person, visible, filter, asker) : undefined,
    after: page.last?.position,
  }
}

async function count({ app, grant, asker, query }: Emails): Promise<number> {
  return countEmails(app.database, grant.person, await visibleAudiencesOf(app, grant), query.filter, asker)
}

async function get({ app, grant, keys }: Emails): Promise<Item> {
  const row = await findEmail(committed(app.database), grant.person, keys.id ?? '', await visibleAudiencesOf(app, grant))
  if (row === undefined) throw new GraphError('notFound')
  return itemOf(row, keys)
}

async function create({ app, grant, body, keys, change }: Emails): Promise<Item> {
  const { person } = grant
  const at = renderDateTime(app.now())
  const by = authorOf(grant)
  const email: ItemEmail = {
    id: app.newItemId(),
    allowedAudiences: body.allowedAudiences ?? defaultAudiences,
    inference: body.inference ?? null,
    createdDateTime: at,
    createdBy: by,
    lastModifiedDateTime: at,
    lastModifiedBy: by,
    source: body.source ?? null,
    address: requireAddress(body),
    displayName: body.displayName ?? null,
    type: body.type ?? 'unknown',
  }
  const put = emailToPut(email)
  const added = await change(belongingsOf(person), () => ({
    statement: (condition) => addEmail(condition, person, put, emailsPerProfile),
    result: put,
  }))
  if (added === undefined) throw new GraphError('quotaReached', { message: `A profile holds at most ${emailsPerProfile} emails.` })
  return itemOf(rowOf(put), keys)
}

async function update({ app, grant, body, keys, checkPreconditions, change }: Emails): Promise<Item> {
  const { person } = grant
  const changed = await change(belongingsOf(person), async (source) => {
    const row = await requireEmail(source, person, keys)
    await checkPreconditions(() => row.record)
    const before = JSON.parse(row.record) as ItemEmail // written by create or update
    const email: ItemEmail = {
      ...before,
      ...body,
      address: requireAddress({ ...before, ...body }),
      allowedAudiences: body.allowedAudiences === undefined ? before.allowedAudiences : (body.allowedAudiences ?? defaultAudiences),
      // A complex value is changed member by member (OData 4.01 Protocol, section 11.4.3).
      inference: body.inference
        ? { ...nothingInferred, ...before.inference, ...body.inference }
        : body.inference === null
          ? null
          : before.inference,
      lastModifiedDateTime: renderDateTime(app.now()),
      lastModifiedBy: authorOf(grant),
    }
    const put = emailToPut(email, row.record)
    return { statement: (condition) => changeEmail(condition, person, put, row.record), result: put }
  })
  if (changed === undefined) throw new GraphError('notFound')
  return itemOf(rowOf(changed), keys)
}

async function remove({ grant: { person }, keys, checkPreconditions, change }: Emails): Promise<void> {
  const dropped = await change(belongingsOf(person), async (source) => {
    const seen: { record?: string } = {}
    await checkPreconditions(async () => {
      seen.record = (await requireEmail(source, person, keys)).record
      return seen.record
    })
    return { statement: (condition) => dropEmail(condition, person, keys.id ?? '', seen.record), result: true }
  })
  if (dropped === undefined) throw new GraphError('notFound')
}

/** One of the owner's own, whoever it is shown to. */
async function requireEmail(source: Source, person: PersonKey, { id = '' }: Readonly<Record<string, string>>): Promise<EmailRow> {
  const row = await findEmail(source, person, id, 'all')
  if (row === undefined) throw new GraphError('notFound')
  return row
}

/** Without an address an email shows nothing; a body of `@odata.id` alone meant to refer to something. */
function requireAddress({ address }: Pick<Changes<typeof itemEmail>, 'address'>): string {
  if (address === undefined || address === null) throw invalidMember('address', 'The address of the email is required.')
  return address
}

/** The identity set of the caller, for createdBy and lastModifiedBy. */
function authorOf({ caller, actor }: PersonGrant): IdentitySet {
  const { application } = caller
  return {
    application:
      application.id === null && application.displayName === null ? null : { displayName: application.displayName, id: application.id },
    device: null,
    user: actor === undefined ? null : { displayName: actor.displayName, id: actor.id },
  }
}
