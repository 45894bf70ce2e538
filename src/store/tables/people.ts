/** Users: who exists, under which names, and what protects them. Satisfies the directory that authorization asks. */

import sql, { type Sql } from 'sql-template-tag'
import { fold } from '../../model/address.ts'
import type { Asker } from '../../model/asker.ts'
import { type Directory, type Person, type PersonKey, personalAccountsTenant } from '../../model/directory.ts'
import type { StoredRecord } from '../../odata/json/stored-record.ts'
import type { Condition } from '../../odata/query/condition.ts'
import { committed, type Readable, type Source, type Transaction } from '../database.ts'
import { whoTheyAre } from '../person-memory.ts'
import { countSelected, type Found, orderOf, type PagePosition, type Selection, selectPage } from '../query/pages.ts'
import type { Table } from '../query/where.ts'
import { tenantExists } from './directory.ts'
import { findGroupFacts } from './groups.ts'
import { keyInOtherTenant, keyInTenant } from './people-keys.ts'
import { showsAnything } from './visible-audiences.ts'

interface PersonRow {
  readonly tenant_id: string
  readonly id: string
  readonly account_enabled: number
  readonly record: string
  readonly in_role_group: number
  readonly role_id: string | null
  readonly scope: string | null
  readonly unit_is_restricted: number | null
}

export interface UserRow {
  readonly id: string
  /** Every member that is set, JSON text. */
  readonly record: string
  /** How often changeUser changed it. */
  readonly changes: number
}

const wholeTenant = '/'
const unitScope = '/administrativeUnits/'

/** The directory as it is committed; from memory, where it is remembered. `load` finds a person who is not. */
export function peopleIn(
  database: Readable,
  load: (key: PersonKey) => Promise<Person | undefined> = (key) => findPerson(committed(database), key),
): Directory {
  const source = committed(database)
  const person = (tenantId: string, id: string) =>
    database.memory.recall(
      { tenantId, id },
      whoTheyAre,
      () => load({ tenantId, id }),
      () => charactersOfAPerson,
    )
  const find = async (tenantId: string, key: string) => {
    const known = await person(tenantId, key)
    if (known !== undefined) return known
    const named = await keyInTenant(source, tenantId, key)
    return named === undefined ? undefined : person(named.tenantId, named.id)
  }
  return {
    ...directoryFrom(source),
    person,
    find,
    findAnywhere: async (reader, key) => {
      // Personal accounts share a tenant, and are strangers to each other like people of other tenants.
      const hasColleagues = reader.tenantId !== personalAccountsTenant
      const own = hasColleagues ? await person(reader.tenantId, key) : undefined
      if (own !== undefined) return own
      const { found, standIn } = await keyInOtherTenant(source, reader, key)
      if (hasColleagues && found?.tenantId === reader.tenantId) return person(found.tenantId, found.id)
      // All of it about somebody, whether or not that is who was sought, and nothing from memory: the time would tell.
      const facts = await findPerson(source, standIn)
      const isShown = await showsAnything(database, standIn, reader)
      return found === undefined || !isShown ? undefined : facts
    },
  }
}

/** A Directory that reads from `source` and bypasses the cache. */
export function directoryFrom(source: Source): Pick<Directory, 'hasTenant' | 'group' | 'person'> {
  return {
    hasTenant: (tenantId) => tenantExists(source, tenantId),
    group: (tenantId, id) => findGroupFacts(source, tenantId, id),
    person: (tenantId, id) => findPerson(source, { tenantId, id }),
  }
}

export async function findPerson(source: Source, key: PersonKey): Promise<Person | undefined> {
  return personOf(await source.rows<PersonRow>(selectPerson(key)))
}

const charactersOfAPerson = 256

/** The persons of the keys, in their order; undefined for one who is not there. */
export async function personsOf(database: Readable, keys: readonly PersonKey[]): Promise<readonly (Person | undefined)[]> {
  const rows = await database.read<PersonRow>(selectPersons(database, keys))
  const byKey = Map.groupBy(rows, ({ tenant_id: tenantId, id }) => `${tenantId}/${id}`)
  return keys.map(({ tenantId, id }) => personOf(byKey.get(`${tenantId}/${id}`) ?? []))
}

/** A row for each role assignment of a person; at least one. Each table is asked for the person by key, not by way of another. */
function selectPerson({ tenantId, id }: PersonKey): Sql {
  return sql`${personWithRoles(tenantId, id)} WHERE u.tenant_id = ${tenantId} AND u.id = ${id}`
}

function selectPersons({ dialect }: Readable, keys: readonly PersonKey[]): Sql {
  const wanted = dialect.valuesTable(
    ['tenant_id', 'id'],
    keys.map(({ tenantId, id }) => [tenantId, id]),
  )
  return personWithRoles(
    sql`wanted.tenant_id`,
    sql`wanted.id`,
    sql`${wanted} wanted JOIN users u ON u.tenant_id = wanted.tenant_id AND u.id = wanted.id`,
  )
}

function personWithRoles(tenantId: string | Sql, id: string | Sql, from = sql`users u`): Sql {
  return sql`
    SELECT u.tenant_id, u.id, u.account_enabled, u.record, r.role_id, r.scope, a.is_restricted AS unit_is_restricted,
      (SELECT count(*) FROM group_members m JOIN groups g ON g.tenant_id = ${tenantId} AND g.id = m.group_id
        WHERE m.tenant_id = ${tenantId} AND m.user_id = ${id} AND g.is_role_assignable = 1) AS in_role_group
    FROM ${from}
    LEFT JOIN role_assignments r ON r.tenant_id = ${tenantId} AND r.user_id = ${id}
    LEFT JOIN administrative_units a ON a.tenant_id = ${tenantId} AND r.scope = ${unitScope} || a.id`
}

function personOf(rows: readonly PersonRow[]): Person | undefined {
  const [first] = rows
  if (first === undefined) return undefined
  const roles = rows.filter((row) => row.role_id !== null)
  const user = JSON.parse(first.record) as { userPrincipalName: string; displayName?: string | null } // written by putUser
  return {
    tenantId: first.tenant_id,
    id: first.id,
    userPrincipalName: user.userPrincipalName,
    displayName: user.displayName ?? null,
    accountEnabled: first.account_enabled === 1,
    tenantRoleIds: roles.filter(({ scope }) => scope === wholeTenant).map(({ role_id }) => role_id ?? ''),
    protection: {
      roleIds: roles.map(({ role_id }) => role_id ?? ''),
      // A role over a unit that nobody told us about counts as over a restricted one.
      restricted:
        Number(first.in_role_group) > 0 || roles.some(({ scope, unit_is_restricted }) => scope !== wholeTenant && unit_is_restricted !== 0),
    },
  }
}

export async function findUser(source: Source, { tenantId, id }: PersonKey): Promise<UserRow | undefined> {
  const [row] = await source.rows<UserRow>(sql`SELECT id, record, changes FROM users WHERE tenant_id = ${tenantId} AND id = ${id}`)
  return row
}

interface PageOfUsers extends Selection {
  readonly asker?: Asker | undefined
  readonly tenantId: string
  readonly after: PagePosition | undefined
  readonly skip: number
  readonly limit: number
}

/** How people are found by what is asked of them. */
export const usersTable: Table = {
  name: 'users',
  read: ['id', 'record', 'changes'],
  isLarge: true,
  columns: {
    id: ['exact', 'id'],
    displayName: ['keyed', 'display_name'],
    mail: ['keyed', 'mail'],
    userPrincipalName: ['folded', 'principal_name'],
  },
}

/** Users in the order that `orderOf` says. */
export function listUsers(database: Readable, { tenantId, ...page }: PageOfUsers): Promise<readonly Found<UserRow>[]> {
  return selectPage(database, usersTable, { within: sql`tenant_id = ${tenantId}`, ...page, order: orderOf(usersTable, page) })
}

export async function countUsers(database: Readable, tenantId: string, filter?: Condition, asker?: Asker): Promise<number> {
  return countSelected(database, usersTable, { asker, within: sql`tenant_id = ${tenantId}`, filter })
}

export interface UserToPut extends PersonKey {
  readonly userPrincipalName: string
  readonly accountEnabled: boolean
  /** `id` included. */
  readonly record: StoredRecord
  /** Folded; '' where there is none. */
  readonly displayName: string
  readonly mail: string
  /** As renderCompared makes it. */
  readonly compared: string | null
}

/** Adds a user. Answers false where one of the tenant has the id or the principal name. */
export async function addUser(
  transaction: Transaction,
  { tenantId, id, userPrincipalName, accountEnabled, record, displayName, mail, compared }: UserToPut,
): Promise<boolean> {
  return (
    (await transaction.change(sql`
      INSERT INTO users (tenant_id, id, principal_name, account_enabled, record, display_name, mail, compared)
      VALUES (${tenantId}, ${id}, ${fold(userPrincipalName)}, ${accountEnabled ? 1 : 0}, ${record}, ${displayName}, ${mail}, ${compared})
      ON CONFLICT DO NOTHING`)) > 0
  )
}

/** Changes a user, who had the principal name `before`. Answers false where another user of the tenant has the new one. */
export async function changeUser(
  transaction: Transaction,
  { tenantId, id, userPrincipalName, accountEnabled, record, displayName, mail, compared }: UserToPut,
  before: string,
): Promise<boolean> {
  const name = fold(userPrincipalName)
  // Skip the search for the name where it does not change: on a cluster that search would ask other machines.
  if (name !== fold(before)) {
    const others = await transaction.rows(sql`SELECT 1 FROM users WHERE tenant_id = ${tenantId} AND principal_name = ${name}`)
    if (others.length > 0) return false
  }
  await transaction.change(sql`
    UPDATE users
    SET principal_name = ${name}, account_enabled = ${accountEnabled ? 1 : 0}, record = ${record},
      display_name = ${displayName}, mail = ${mail}, compared = ${compared}, changes = changes + 1
    WHERE tenant_id = ${tenantId} AND id = ${id}`)
  return true
}

/** Takes a user away, and with it all that hangs on it: roles, memberships, emails, methods, and who lists it. Answers false where there is none. */
export async function dropUser(transaction: Transaction, { tenantId, id }: PersonKey): Promise<boolean> {
  if ((await transaction.change(sql`DELETE FROM users WHERE tenant_id = ${tenantId} AND id = ${id}`)) === 0) return false
  await transaction.change(sql`DELETE FROM identities WHERE tenant_id = ${tenantId} AND user_id = ${id}`)
  await transaction.change(sql`DELETE FROM role_assignments WHERE tenant_id = ${tenantId} AND user_id = ${id}`)
  await transaction.change(sql`DELETE FROM group_members WHERE tenant_id = ${tenantId} AND user_id = ${id}`)
  await transaction.change(sql`DELETE FROM profile_emails WHERE tenant_id = ${tenantId} AND user_id = ${id}`)
  await transaction.change(sql`DELETE FROM email_methods WHERE tenant_id = ${tenantId} AND user_id = ${id}`)
  await transaction.change(sql`DELETE FROM relations WHERE tenant_id = ${tenantId} AND user_id = ${id}`)
  await transaction.change(sql`DELETE FROM relations WHERE other_tenant_id = ${tenantId} AND other_user_id = ${id}`)
  return true
}

export async function userExists(transaction: Transaction, { tenantId, id }: PersonKey): Promise<boolean> {
  return (await transaction.rows(sql`SELECT 1 FROM users WHERE tenant_id = ${tenantId} AND id = ${id}`)).length > 0
}
