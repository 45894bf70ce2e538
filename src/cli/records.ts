/**
 * The records that `import` reads and `export` writes: one JSON object a line, with `kind` saying which. Each kind
 * is one row: its type, how it is put into the database, and how it is read out again. Putting the same record
 * twice changes nothing.
 */

import sql, { empty, raw, type Sql } from 'sql-template-tag'
import { GraphError } from '../errors.ts'
import { propertiesOf } from '../model/edm.ts'
import { isObject, readBody } from '../odata/body.ts'
import type { Json } from '../odata/json-text.ts'
import type { Source } from '../store/database.ts'
import { directoryKinds } from './directory-records.ts'
import { emailKinds } from './email-records.ts'
import type { Kind, Row } from './record-kind.ts'

export type { Maker } from './record-kind.ts'

/** In the order in which they depend on each other, which is the order of an export. */
export const kinds = { ...directoryKinds, ...emailKinds } as const satisfies Record<string, Kind>

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
  const properties = propertiesOf(found.type)
  for (const member of Object.keys(record)) {
    const value = record[member]
    if (properties[member]?.writeOnly === true)
      throw new GraphError('bodyInvalid', { target: member, message: 'This server does not keep it: leave it out.' })
    if (isId(member) && typeof value === 'string') checkId(member, value)
  }
  const fault = found.check?.(record)
  if (fault !== undefined) throw new GraphError('bodyInvalid', { message: fault })
  return { kind: found, record }
}

function isId(member: string): boolean {
  return member === 'id' || (member.endsWith('Id') && /^\w+$/.test(member) && member !== 'directoryScopeId')
}

const rowsAtOnce = 1000

/** How many records of one kind there are, of one tenant or of all. */
export async function countKind(source: Source, kindName: keyof typeof kinds, tenant: string | undefined): Promise<number> {
  const { table, key } = kinds[kindName]
  const [row] = await source.rows<{ n: number }>(sql`SELECT count(*) AS n FROM ${raw(table)} WHERE ${within(key, tenant)}`)
  return Number(row?.n ?? 0)
}

/** The records of one kind, in the order of their keys, of one tenant or of all; in constant memory. */
export async function* exportKind(
  source: Source,
  kindName: keyof typeof kinds,
  tenant: string | undefined,
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const { table, key, out } = kinds[kindName]
  const columns = raw(key.join(', '))
  const ofTenant = within(key, tenant)
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

function within([tenantColumn = '']: readonly string[], tenant: string | undefined): Sql {
  return tenant === undefined ? sql`1 = 1` : sql`${raw(tenantColumn)} = ${tenant}`
}

/** Ids stand in paths and keys: one word, no slash. */
function checkId(member: string, value: string): void {
  if (!/^[\w.@-]*$/.test(value) && /[\p{Cc}\s/\\?#]/u.test(value))
    throw new GraphError('bodyInvalid', { target: member, message: 'An id holds no white space and none of / \\ ? #.' })
}
