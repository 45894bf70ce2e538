/**
 * The records that `import` reads and `export` writes: one JSON object a line, with `kind` saying which. Each kind
 * is one row: its type, how it is put into the database, and how it is read out again. Putting the same record
 * twice changes nothing.
 */

import sql, { empty, join, raw, type Sql } from 'sql-template-tag'
import { GraphError, invalidMember } from '../errors.ts'
import { propertiesOf } from '../model/edm.ts'
import { isObject, readBody } from '../odata/json/entity-body.ts'
import type { Json } from '../odata/json/text.ts'
import type { Source } from '../store/database.ts'
import { directoryKinds } from './directory-records.ts'
import { emailKinds } from './email-records.ts'
import { id, type Kind, type Row, withMembers } from './record-kind.ts'
import { toOwnNames } from './record-names.ts'

export type { Maker } from './record-kind.ts'

/** In the order in which they depend on each other, which is the order of an export. */
export const kinds = { ...directoryKinds, ...emailKinds } as const satisfies Record<string, Kind>

export type KindName = keyof typeof kinds

export interface ReadRecord {
  readonly kind: KindName
  /** As the kind prepares it. */
  readonly record: unknown
}

/** A line's JSON as a record. Throws GraphError with `target` where it is none. */
export function readRecord(given: Json): ReadRecord {
  if (!isObject(given)) throw new GraphError('bodyInvalid', { message: 'expected a JSON object' })
  const json = toOwnNames(given)
  const kindName = json.kind
  if (!isKind(kindName)) throw invalidMember('kind', `expected one of ${Object.keys(kinds).join(', ')}`)
  const found = kinds[kindName]
  const record = readBody(found.type, json, { computed: 'accept', besides: 'kind' }) as Record<string, unknown> // of whichever kind it is
  for (const member of found.required)
    if (record[member] === undefined || record[member] === null || record[member] === '') throw invalidMember(member, 'It is required.')
  const properties = propertiesOf(found.type)
  for (const member of Object.keys(record)) {
    const value = record[member]
    if (Object.hasOwn(properties, member) && properties[member]?.writeOnly === true)
      throw invalidMember(member, 'This server does not keep it: leave it out.')
    if (isId(member) && typeof value === 'string') checkId(member, value)
  }
  const fault = found.check?.(record)
  if (fault !== undefined) throw new GraphError('bodyInvalid', { message: fault })
  return { kind: kindName, record: found.prepare(record) }
}

function isKind(name: Json | undefined): name is KindName {
  return typeof name === 'string' && Object.hasOwn(kinds, name)
}

function isId(member: string): boolean {
  return member === 'id' || (member.endsWith('Id') && /^\w+$/.test(member) && member !== 'directoryScopeId')
}

const rowsAtOnce = 1000

/** How many records of one kind there are, of one tenant or of all. */
export async function countKind(source: Source, kindName: KindName, tenant: string | undefined): Promise<number> {
  const { table, key } = kinds[kindName]
  const [row] = await source.rows<{ n: number }>(sql`SELECT count(*) AS n FROM ${raw(table)} WHERE ${within(key, tenant)}`)
  return Number(row?.n ?? 0)
}

/** The records of one kind as lines, many together, in the order of their keys, of one tenant or of all; in constant memory. */
export async function* exportKind(source: Source, kindName: KindName, tenant: string | undefined): AsyncGenerator<readonly string[]> {
  const { table, key, columns, out } = kinds[kindName]
  const places = raw(key.join(', '))
  const page = (last: Row | undefined) => {
    const after = last === undefined ? empty : sql`AND (${places}) > (${join(key.map((column) => sql`${last[column]}`))})`
    const rows = source.rows<Row>(sql`
      SELECT ${raw([...key, ...columns].join(', '))} FROM ${raw(table)}
      WHERE ${within(key, tenant)} ${after} ORDER BY ${places} LIMIT ${rowsAtOnce}`)
    // Told when it is its turn, and no error that nobody waits for until then.
    rows.catch(() => undefined)
    return rows
  }
  let next: ReturnType<typeof page> | undefined = page(undefined)
  while (next !== undefined) {
    const rows: readonly Row[] = await next
    // Asked for while these are rendered and written.
    next = rows.length < rowsAtOnce ? undefined : page(rows.at(-1))
    const lines: string[] = []
    for (const row of rows) {
      const members = await out(row, source)
      lines.push(`${withMembers({ kind: kindName }, typeof members === 'string' ? members : JSON.stringify(members))}\n`)
    }
    if (lines.length > 0) yield lines
  }
}

function within([tenantColumn = '']: readonly string[], tenant: string | undefined): Sql {
  return tenant === undefined ? sql`1 = 1` : sql`${raw(tenantColumn)} = ${tenant}`
}

const longestId = id.maxLength

/** Ids stand in paths and keys: one word, no slash. */
function checkId(member: string, value: string): void {
  if (value.length > longestId) throw invalidMember(member, `At most ${longestId} characters are allowed.`)
  if (!/^[\w.@-]*$/.test(value) && /[\p{Cc}\s/\\?#]/u.test(value))
    throw invalidMember(member, 'An id holds no white space and none of / \\ ? #.')
}
