/** The server's statements, and plain inserts, on SQLite: one connection that writes and one that reads, WAL, synchronous=FULL. */

import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { v7 } from 'uuid'
import { filled, type Rows, textsOf } from './statements.ts'

const rowsPerCommit = 64
/** Between two looks at the clock. */
const readsPerStep = 16

type Values = SQLInputValue[]

export function openRowsInSqlite(file: string): Rows {
  const writer = new DatabaseSync(file)
  // As src/store/sqlite/database.ts has it.
  writer.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=20000; PRAGMA cache_size=-65536')
  const reader = new DatabaseSync(file, { readOnly: true })
  reader.exec('PRAGMA cache_size=-65536; PRAGMA mmap_size=0')
  const texts = textsOf('sql')
  const [person, list] = [reader.prepare(texts.person), reader.prepare(texts.list)]
  const [add, insert] = [writer.prepare(texts.add), writer.prepare(texts.row)]
  const committed = (rows: number, add: () => void) => {
    writer.exec('BEGIN IMMEDIATE')
    for (let row = 0; row < rows; row++) add()
    writer.exec('COMMIT')
    return rows
  }
  return {
    settle: () => writer.exec('PRAGMA wal_checkpoint(TRUNCATE)'),
    reads: (next) => {
      for (let read = 0; read < readsPerStep; read++) {
        const values = next()
        person.all(...(values.person as Values)) // the stores pass texts and numbers
        list.all(...(values.list as Values))
      }
      return readsPerStep
    },
    together: (next, atOnce) => committed(atOnce, () => add.run(...(filled(next().add, v7()) as Values))), // as above
    each: (next) => committed(1, () => add.run(...(filled(next().add, v7()) as Values))), // as above
    grouped: (next) => committed(rowsPerCommit, () => insert.run(...(filled(next().row, v7()) as Values))), // as above
  }
}
