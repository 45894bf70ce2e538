/**
 * The records that `import` reads and `export` writes: one JSON object a line, with `kind` saying which. Each kind
 * is one row: its type, how it is put into the database, and how it is read out again. Putting the same record
 * twice changes nothing.
 */

import sql, { empty, raw, type Sql } from 'sql-template-tag'
import { type RoleName, roleTemplates } from '../auth/roles.ts'
import { GraphError } from '../errors.ts'
import { emailToPut } from '../graph/profile-emails.ts'
import { fold } from '../model/address.ts'
import { user } from '../model/directory.ts'
import { complexType, type Entity, entityType, enumType, type StructuredType } from '../model/edm.ts'
import { defaultEmailMethodPolicy, emailAuthenticationMethodConfiguration } from '../model/policy.ts'
import { emailsPerProfile, type ItemEmail, itemEmail } from '../model/profile.ts'
import { sortableTime } from '../model/time.ts'
import { isObject, readBody } from '../odata/body.ts'
import type { Json } from '../odata/json-text.ts'
import { printable } from '../odata/json-text.ts'
import type { Source, Transaction } from '../store/database.ts'
import {
  groupExists,
  putAdministrativeUnit,
  putGroup,
  putGroupMember,
  putRelation,
  putRoleAssignment,
  putTenant,
  tenantExists,
} from '../store/directory.ts'
import { addEmailMethod, dropEmailMethod } from '../store/email-methods.ts'
import { putUser, userExists } from '../store/people.ts'
import { putEmailMethodPolicy } from '../store/policies.ts'
import { findEmail, heldEmails, putEmail } from '../store/profile-emails.ts'

/** Makes what a record leaves out. */
export interface Maker {
  readonly newItemId: () => string
  readonly now: () => number
}

type Row = Readonly<Record<string, string | number | null>>

interface Definition<T extends StructuredType> {
  readonly type: T
  /** Members that a record must have. */
  readonly required: readonly (keyof Entity<T> & string)[]
  /** Answers why a record cannot be put, or undefined when it was. */
  readonly put: (transaction: Transaction, record: Entity<T>, maker: Maker) => Promise<string | undefined>
  readonly table: string
  /** Columns of the table's key, the tenant first. */
  readonly key: readonly string[]
  readonly out: (row: Row, source: Source) => Promise<Readonly<Record<string, unknown>>> | Readonly<Record<string, unknown>>
}

type Kind = Definition<StructuredType>

const kind = <const T extends StructuredType>(definition: Definition<T>): Kind => definition as unknown as Kind // `readRecord` reads each record by its kind's own type

const id = { type: 'Edm.String', maxLength: 128 } as const
const name = { type: 'Edm.String', maxLength: 256 } as const
const groupRelation = enumType('groupRelation', { member: 0, owner: 1 })
const personRelation = enumType('personRelation', { family: 0, contacts: 1 })

/** In the order in which they depend on each other, which is the order of an export. */
export const kinds = {
  tenant: kind({
    type: complexType('tenant', { id, displayName: name, federatedWith: { type: 'Edm.String', collection: true, maxLength: 10_000 } }),
    required: ['id'],
    put: async (transaction, record) =>
      void (await putTenant(transaction, tenantId(record.id), record.displayName ?? null, (record.federatedWith ?? []).map(tenantId))),
    table: 'tenants',
    key: ['id'],
    out: async (row, source) => {
      const federated = await source.rows<{ other: string }>(
        sql`SELECT federated_tenant_id AS other FROM federations WHERE tenant_id = ${row.id} ORDER BY other`,
      )
      return { id: row.id, displayName: row.display_name, federatedWith: federated.map(({ other }) => other) }
    },
  }),

  user: kind({
    type: entityType('user', { tenantId: id }, { base: user, open: true }),
    required: ['tenantId', 'id', 'userPrincipalName'],
    put: async (transaction, { tenantId: tenant, ...record }) => {
      const key = tenantId(tenant)
      if (!(await tenantExists(transaction, key))) return noTenant(key)
      const accountEnabled = record.accountEnabled ?? true
      const put = await putUser(transaction, {
        tenantId: key,
        id: record.id,
        userPrincipalName: record.userPrincipalName ?? '',
        accountEnabled,
        record: JSON.stringify({ ...record, accountEnabled }),
      })
      return put ? undefined : `another user of the tenant has the userPrincipalName ${record.userPrincipalName}`
    },
    table: 'users',
    key: ['tenant_id', 'id'],
    out: (row) => ({ tenantId: row.tenant_id, ...(JSON.parse(String(row.record)) as object) }),
  }),

  administrativeUnit: kind({
    type: complexType('administrativeUnit', { tenantId: id, id, displayName: name, isMemberManagementRestricted: { type: 'Edm.Boolean' } }),
    required: ['tenantId', 'id'],
    put: async (transaction, record) => {
      const key = tenantId(record.tenantId)
      if (!(await tenantExists(transaction, key))) return noTenant(key)
      await putAdministrativeUnit(
        transaction,
        key,
        record.id ?? '',
        record.displayName ?? null,
        record.isMemberManagementRestricted ?? false,
      )
      return undefined
    },
    table: 'administrative_units',
    key: ['tenant_id', 'id'],
    out: (row) => ({
      tenantId: row.tenant_id,
      id: row.id,
      displayName: row.display_name,
      isMemberManagementRestricted: row.is_restricted === 1,
    }),
  }),

  group: kind({
    type: complexType('group', { tenantId: id, id, displayName: name, isAssignableToRole: { type: 'Edm.Boolean' } }),
    required: ['tenantId', 'id'],
    put: async (transaction, record) => {
      const key = tenantId(record.tenantId)
      if (!(await tenantExists(transaction, key))) return noTenant(key)
      await putGroup(transaction, key, record.id ?? '', record.displayName ?? null, record.isAssignableToRole ?? false)
      return undefined
    },
    table: 'groups',
    key: ['tenant_id', 'id'],
    out: (row) => ({
      tenantId: row.tenant_id,
      id: row.id,
      displayName: row.display_name,
      isAssignableToRole: row.is_role_assignable === 1,
    }),
  }),

  groupMember: kind({
    type: complexType('groupMember', { tenantId: id, groupId: id, userId: id, relation: { type: groupRelation } }),
    required: ['tenantId', 'groupId', 'userId'],
    put: async (transaction, record) => {
      const person = personOf(record)
      if (!(await userExists(transaction, person))) return noUser(person)
      if (!(await groupExists(transaction, person.tenantId, record.groupId ?? '')))
        return `there is no group ${record.groupId} in tenant ${person.tenantId}`
      await putGroupMember(transaction, person.tenantId, record.groupId ?? '', person.id, record.relation ?? 'member')
      return undefined
    },
    table: 'group_members',
    key: ['tenant_id', 'user_id', 'group_id', 'relation'],
    out: (row) => ({ tenantId: row.tenant_id, groupId: row.group_id, userId: row.user_id, relation: row.relation }),
  }),

  role: kind({
    type: complexType('role', { tenantId: id, userId: id, role: id, directoryScopeId: name }),
    required: ['tenantId', 'userId', 'role'],
    put: async (transaction, record) => {
      const person = personOf(record)
      const roleId = roleIdOf(record.role ?? '')
      if (roleId === undefined)
        return `${printable(record.role ?? '')} is no role: give a template id, or one of ${Object.keys(roleTemplates).join(', ')}`
      const scope = record.directoryScopeId ?? '/'
      if (scope !== '/' && !/^\/administrativeUnits\/[^/]+$/.test(scope)) return 'directoryScopeId must be / or /administrativeUnits/{id}'
      if (!(await userExists(transaction, person))) return noUser(person)
      await putRoleAssignment(transaction, person.tenantId, person.id, roleId, scope)
      return undefined
    },
    table: 'role_assignments',
    key: ['tenant_id', 'user_id', 'role_id', 'scope'],
    out: (row) => ({ tenantId: row.tenant_id, userId: row.user_id, role: row.role_id, directoryScopeId: row.scope }),
  }),

  relation: kind({
    type: complexType('relation', { tenantId: id, userId: id, relation: { type: personRelation }, otherTenantId: id, otherUserId: id }),
    required: ['tenantId', 'userId', 'relation', 'otherUserId'],
    put: async (transaction, record) => {
      const person = personOf(record)
      if (!(await userExists(transaction, person))) return noUser(person)
      await putRelation(
        transaction,
        person.tenantId,
        person.id,
        record.relation ?? 'contacts',
        tenantId(record.otherTenantId ?? person.tenantId),
        record.otherUserId ?? '',
      )
      return undefined
    },
    table: 'relations',
    key: ['tenant_id', 'user_id', 'relation', 'other_tenant_id', 'other_user_id'],
    out: (row) => ({
      tenantId: row.tenant_id,
      userId: row.user_id,
      relation: row.relation,
      otherTenantId: row.other_tenant_id,
      otherUserId: row.other_user_id,
    }),
  }),

  emailMethodPolicy: kind({
    type: entityType('emailMethodPolicy', { tenantId: id }, { base: emailAuthenticationMethodConfiguration }),
    required: ['tenantId'],
    put: async (transaction, { tenantId: tenant, ...record }) => {
      const key = tenantId(tenant)
      if (!(await tenantExists(transaction, key))) return noTenant(key)
      await putEmailMethodPolicy(
        transaction,
        key,
        JSON.stringify({ ...defaultEmailMethodPolicy, ...record, id: defaultEmailMethodPolicy.id }),
      )
      return undefined
    },
    table: 'email_method_policies',
    key: ['tenant_id'],
    out: (row) => ({ tenantId: row.tenant_id, ...(JSON.parse(String(row.record)) as object) }),
  }),

  email: kind({
    type: entityType('email', { tenantId: id, userId: id }, { base: itemEmail }),
    required: ['tenantId', 'userId', 'address'],
    put: async (transaction, { tenantId: tenant, userId, ...record }, maker) => {
      const person = personOf({ tenantId: tenant, userId })
      if (!(await userExists(transaction, person))) return noUser(person)
      const email = completeEmail(record, maker)
      const known = (await findEmail(transaction, person, email.id, 'all')) !== undefined
      if (!known && (await heldEmails(transaction, person)) >= emailsPerProfile)
        return `the profile of ${person.id} holds ${emailsPerProfile} emails already`
      await putEmail(transaction, person, emailToPut(email))
      return undefined
    },
    table: 'profile_emails',
    key: ['tenant_id', 'user_id', 'id'],
    out: (row) => ({ tenantId: row.tenant_id, userId: row.user_id, ...(JSON.parse(String(row.record)) as object) }),
  }),

  emailMethod: kind({
    type: complexType('emailMethod', {
      tenantId: id,
      userId: id,
      emailAddress: { type: 'Edm.String', format: 'email' },
      createdDateTime: { type: 'Edm.DateTimeOffset' },
    }),
    required: ['tenantId', 'userId', 'emailAddress'],
    put: async (transaction, record, { now }) => {
      const person = personOf(record)
      if (!(await userExists(transaction, person))) return noUser(person)
      await dropEmailMethod(transaction, person)
      await addEmailMethod(
        transaction,
        person,
        record.emailAddress ?? '',
        sortableTime(record.createdDateTime ?? new Date(now()).toISOString()),
      )
      return undefined
    },
    table: 'email_methods',
    key: ['tenant_id', 'user_id'],
    out: (row) => ({ tenantId: row.tenant_id, userId: row.user_id, emailAddress: row.email_address, createdDateTime: row.created_at }),
  }),
} as const satisfies Record<string, Kind>

export interface ReadRecord {
  readonly kind: Kind
  readonly record: Record<string, unknown>
}

/** A line's JSON as a record. Throws GraphError with `target` where it is none. */
export function readRecord(json: Json): ReadRecord {
  if (!isObject(json)) throw new GraphError('bodyInvalid', { message: 'expected a JSON object' })
  const { kind: kindName, ...members } = json
  const found = typeof kindName === 'string' && Object.hasOwn(kinds, kindName) ? kinds[kindName as keyof typeof kinds] : undefined
  if (found === undefined)
    throw new GraphError('bodyInvalid', { target: 'kind', message: `expected one of ${Object.keys(kinds).join(', ')}` })
  const record = readBody(found.type, members, { computed: 'accept' }) as Record<string, unknown> // of whichever kind it is
  for (const member of found.required)
    if (record[member] === undefined || record[member] === null || record[member] === '')
      throw new GraphError('bodyInvalid', { target: member, message: 'It is required.' })
  for (const [member, value] of Object.entries(record))
    if (/^(id|\w+Id)$/.test(member) && typeof value === 'string' && member !== 'directoryScopeId') checkId(member, value)
  return { kind: found, record }
}

const rowsAtOnce = 1000

/** The records of one kind, in the order of their keys, of one tenant or of all; in constant memory. */
export async function* exportKind(
  source: Source,
  kindName: keyof typeof kinds,
  tenant: string | undefined,
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const { table, key, out } = kinds[kindName]
  const columns = raw(key.join(', '))
  const ofTenant = tenant === undefined ? sql`1 = 1` : sql`${raw(key[0] ?? '')} = ${tenant}`
  let after: Sql = empty
  for (;;) {
    const rows = await source.rows<Row>(sql`SELECT * FROM ${raw(table)} WHERE ${ofTenant} ${after} ORDER BY ${columns} LIMIT ${rowsAtOnce}`)
    for (const row of rows) yield { kind: kindName, ...(await out(row, source)) }
    const last = rows.at(-1)
    if (last === undefined || rows.length < rowsAtOnce) return
    const values = key.map((column) => sql`${last[column]}`)
    after = sql`AND (${columns}) > (${values.reduce((joined, value) => sql`${joined}, ${value}`)})`
  }
}

/** Ids stand in paths and keys: one word, no slash. Tenant ids are compared in lower case. */
function checkId(member: string, value: string): void {
  if (/[\p{Cc}\s/\\?#]/u.test(value))
    throw new GraphError('bodyInvalid', { target: member, message: 'An id holds no white space and none of / \\ ? #.' })
}

function tenantId(value: string | null | undefined): string {
  return (value ?? '').toLowerCase()
}

function personOf(record: { readonly tenantId?: string | null | undefined; readonly userId?: string | null | undefined }) {
  return { tenantId: tenantId(record.tenantId), id: record.userId ?? '' }
}

function noTenant(key: string): string {
  return `there is no tenant ${key}: its record must come before`
}

function noUser(person: { readonly tenantId: string; readonly id: string }): string {
  return `there is no user ${person.id} in tenant ${person.tenantId}: its record must come before`
}

function roleIdOf(role: string): string | undefined {
  const known = Object.keys(roleTemplates).find((candidate): candidate is RoleName => fold(candidate) === fold(role))
  if (known !== undefined) return roleTemplates[known]
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(role) ? role.toLowerCase() : undefined
}

/** An email with every member: those that the record leaves out are made. */
function completeEmail(record: Partial<ItemEmail>, { newItemId, now }: Maker): ItemEmail {
  const at = new Date(now()).toISOString()
  const createdDateTime = record.createdDateTime ?? at
  return {
    id: record.id ?? newItemId(),
    allowedAudiences: record.allowedAudiences ?? 'organization',
    inference: record.inference ?? null,
    createdDateTime,
    createdBy: record.createdBy ?? null,
    lastModifiedDateTime: record.lastModifiedDateTime ?? createdDateTime,
    lastModifiedBy: record.lastModifiedBy ?? null,
    source: record.source ?? null,
    address: record.address ?? null,
    displayName: record.displayName ?? null,
    type: record.type ?? 'unknown',
  }
}
