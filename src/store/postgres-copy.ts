/** Many rows into PostgreSQL at once, by COPY: the quickest way in (its manual, sections 14.4.2 and 54.2.6). */

import pg from 'pg'
import type { Cells, Target } from './database.ts'

/** The keys of the rows, each once, and for each the last row that has it. */
export function keysOf({ columns, key }: Target, rows: readonly Cells[]) {
  const places = key.map((column) => columns.indexOf(column))
  const last = new Map<string, { readonly key: readonly string[]; readonly row: Cells }>()
  for (const row of rows) {
    const values = places.map((place) => String(row[place]))
    last.set(JSON.stringify(values), { key: values, row })
  }
  const found = [...last.values()]
  return { keys: found.map((each) => each.key), last: found.map(({ row }) => row) }
}

/** Adds the rows. None of their keys may be there. */
export function copyRows(client: pg.ClientBase, { table, columns }: Target, rows: readonly Cells[]): Promise<void> {
  const text = rows.map((row) => `${row.map(cellText).join('\t')}\n`).join('')
  return new Promise((resolve, reject) => {
    const copy = new CopyIn(`COPY ${table} (${columns.join(', ')}) FROM STDIN`, Buffer.from(text))
    copy.callback = (error) => (error == null ? resolve() : reject(error))
    client.query(copy)
  })
}

/** What the driver's connection can do besides what its types declare. */
interface CopyingConnection {
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

/** The driver's query, but one that has something to send when the server asks for it. */
class CopyIn extends pg.Query {
  declare callback: (error: Error | null | undefined) => void
  readonly #content: Buffer

  constructor(text: string, content: Buffer) {
    super(text)
    this.#content = content
  }

  /** Called by the driver. */
  handleCopyInResponse(connection: CopyingConnection): void {
    connection.sendCopyFromChunk(this.#content)
    connection.endCopyFrom()
  }
}

/** A value in COPY's text format. */
function cellText(value: Cells[number]): string {
  if (value === null) return '\\N'
  if (typeof value === 'number') return String(value)
  return special.test(value) ? value.replaceAll(specials, (character) => escapes[character] ?? '') : value
}

const special = /[\\\n\r\t]/
const specials = /[\\\n\r\t]/g
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
