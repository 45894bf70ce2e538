/** `selfgraph export`: the database as a file of lines that `import` reads. */

import sql from 'sql-template-tag'
import { readConfig } from '../config.ts'
import { StartError } from '../errors.ts'
import type { Source } from '../store/database.ts'
import { requireCurrent } from '../store/migrate.ts'
import { progressOn } from '../transfer/progress.ts'
import { countKind, exportKind, type KindName, kinds } from '../transfer/records.ts'
import { openDatabase } from './open-database.ts'
import { endOnStop, OutputFile, requireTarget } from './output-file.ts'
import { type Command, readArguments, type Terminal } from './terminal.ts'

export const exportCommand: Command = {
  says: 'Write the database as a file of records.',
  help: `Usage: selfgraph export FILE.ndjson [--tenant ID] [--force]

Writes every record as one JSON object a line, in an order in which import can read it: one view of the data, whatever
a running server writes meanwhile. The file appears when it is complete. With - it goes to standard output.

  --tenant ID   one tenant only
  --force       replace a file that is there`,
  run: async (args, terminal) => {
    const { values, positionals } = readArguments({
      args: [...args],
      options: { tenant: { type: 'string' }, force: { type: 'boolean' } },
      strict: true,
      allowPositionals: true,
    })
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0) throw new StartError('give one file: selfgraph export FILE.ndjson', 'usage')
    if (file !== '-') requireTarget(file, values.force === true)
    const database = await openDatabase(readConfig(terminal.environment), terminal, 'reader')
    try {
      await requireCurrent(database)
      const records = await database.snapshot((source) =>
        write(source, { file, tenant: values.tenant?.toLowerCase(), replace: values.force === true }, terminal),
      )
      if (file !== '-') terminal.out(`${records} records written to ${file}\n`)
      return 0
    } finally {
      await database.close()
    }
  },
}

interface Wanted {
  /** `-`: standard output. */
  readonly file: string
  readonly tenant: string | undefined
  readonly replace: boolean
}

async function write(source: Source, { file, tenant, replace }: Wanted, terminal: Terminal): Promise<number> {
  if (tenant !== undefined && (await source.rows(sql`SELECT 1 FROM tenants WHERE id = ${tenant}`)).length === 0)
    throw new StartError(`there is no tenant ${tenant}`, 'badData')
  const kindNames = Object.keys(kinds) as KindName[] // an object literal has the keys of its type
  let whole = 0
  if (terminal.interactive) for (const kind of kindNames) whole += await countKind(source, kind, tenant)
  const output = file === '-' ? undefined : await OutputFile.open(file, terminal.newId())
  const throwIfStopped = output === undefined ? () => undefined : endOnStop(file, terminal)
  const progress = progressOn(terminal, whole, 'Exporting')
  let records = 0
  try {
    for (const kind of kindNames) {
      for await (const lines of exportKind(source, kind, tenant)) {
        throwIfStopped()
        records += lines.length
        if (output === undefined) await print(lines, terminal)
        else await output.write(lines.join(''))
        progress.show(records, `${records} records`)
      }
    }
    await output?.finish(replace)
    return records
  } finally {
    progress.end()
    await output?.close()
  }
}

/** With a pause, in which it shows that nobody reads any more. */
async function print(lines: readonly string[], { out }: Terminal): Promise<void> {
  out(lines.join(''))
  await new Promise((resolve) => setImmediate(resolve))
}
