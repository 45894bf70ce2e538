/** `selfgraph export`: the database as a file of lines that `import` reads. */

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import sql from 'sql-template-tag'
import { readConfig } from '../config.ts'
import { StartError } from '../errors.ts'
import type { Source } from '../store/database.ts'
import { requireCurrent } from '../store/migrate.ts'
import { openDatabase } from './open-database.ts'
import { progressOn } from './progress.ts'
import { countKind, exportKind, type KindName, kinds } from './records.ts'
import { type Command, readArguments, type Terminal } from './terminal.ts'

export const exportCommand: Command = {
  says: 'Write the database as a file of records.',
  help: `Usage: selfgraph export FILE.ndjson [--tenant ID]

Writes every record as one JSON object a line, in an order in which import can read it: one view of the data, whatever
a running server writes meanwhile. The file appears when it is complete. With - it goes to standard output.

  --tenant ID   one tenant only`,
  run: async (args, terminal) => {
    const { values, positionals } = readArguments({
      args: [...args],
      options: { tenant: { type: 'string' } },
      strict: true,
      allowPositionals: true,
    })
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0) throw new StartError('give one file: selfgraph export FILE.ndjson', 'usage')
    const database = await openDatabase(readConfig(terminal.environment), terminal, 'reader')
    try {
      await requireCurrent(database)
      const records = await database.snapshot((source) => write(source, file, values.tenant?.toLowerCase(), terminal))
      if (file !== '-') terminal.out(`${records} records written to ${file}\n`)
      return 0
    } finally {
      await database.close()
    }
  },
}

async function write(source: Source, file: string, tenant: string | undefined, terminal: Terminal): Promise<number> {
  if (tenant !== undefined && (await source.rows(sql`SELECT 1 FROM tenants WHERE id = ${tenant}`)).length === 0)
    throw new StartError(`there is no tenant ${tenant}`, 'badData')
  const draft = `${file}.part`
  const stream = file === '-' ? undefined : createWriteStream(draft)
  const failed = stream === undefined ? undefined : finished(stream)
  const kindNames = Object.keys(kinds) as KindName[] // an object literal has the keys of its type
  let whole = 0
  if (terminal.interactive) for (const kind of kindNames) whole += await countKind(source, kind, tenant)
  const progress = progressOn(terminal, whole, 'Exporting')
  let records = 0
  try {
    for (const kind of kindNames) {
      for await (const lines of exportKind(source, kind, tenant)) {
        records += lines.length
        if (stream === undefined) await print(lines, terminal)
        else if (!stream.write(lines.join(''))) await Promise.race([once(stream, 'drain'), failed])
        progress.show(records, `${records} records`)
      }
    }
    stream?.end()
    await failed
  } catch (error) {
    stream?.destroy()
    if (stream !== undefined) await rm(draft, { force: true }).catch(() => undefined) // what cannot be made cannot be removed
    if (error instanceof Error && 'syscall' in error)
      throw new StartError(`${file} cannot be written (${error.message})`, 'cannotCreate', error)
    throw error
  } finally {
    progress.end()
  }
  if (stream !== undefined) await rename(draft, file)
  return records
}

/** With a pause, in which it shows that nobody reads any more. */
async function print(lines: readonly string[], { out }: Terminal): Promise<void> {
  out(lines.join(''))
  await new Promise((resolve) => setImmediate(resolve))
}
