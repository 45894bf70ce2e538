/**
 * What there is to be reached without HTTP, as a process of its own: the server's statements on either database, the
 * same rows as plain inserts, and how often the disk can be made to keep something.
 */

import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { onAsk } from './control.ts'
import type { Ran } from './load.ts'
import { openRowsInPostgres } from './rows-postgres.ts'
import { openRowsInSqlite } from './rows-sqlite.ts'
import { type Next, type PersonValues, type Rows, type RowsRun, rowWorks, valuesOf } from './statements.ts'

const syncedOctets = 4096

let rows: Rows | undefined
const values: PersonValues[] = []

onAsk('open', async (place: { readonly file: string } | { readonly url: string }) => {
  rows = 'file' in place ? openRowsInSqlite(place.file) : await openRowsInPostgres(place.url)
})

onAsk('rows', async (run: RowsRun): Promise<Ran> => {
  const step = rows?.[run.work]
  if (step === undefined) throw new Error('open comes first')
  const next = pickerOf(run)
  const ran = await timed(run.milliseconds, (isOver) => step(next, run.atOnce, isOver))
  rows?.settle?.()
  return ran
})

/** Appends 4 KiB at a time to a file of its own in `folder`, and waits each time until the disk has it. */
onAsk('sync', async ({ folder, milliseconds }: { folder: string; milliseconds: number }): Promise<Ran> => {
  const file = join(folder, 'synced')
  const descriptor = openSync(file, 'a')
  const octets = Buffer.alloc(syncedOctets, 'x')
  try {
    return await timed(milliseconds, () => {
      writeSync(descriptor, octets)
      fdatasyncSync(descriptor)
      return 1
    })
  } finally {
    closeSync(descriptor)
    rmSync(file)
  }
})

async function timed(milliseconds: number, step: (isOver: () => boolean) => number | Promise<number>): Promise<Ran> {
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const isOver = () => performance.now() - startedAt >= milliseconds
  let count = 0
  while (!isOver()) count += await step(isOver)
  const seconds = (performance.now() - startedAt) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  return { count, seconds, cpuMicroseconds: user + system }
}

/** Readers at random. Those who add go round, each work among people of its own, so that no profile outgrows the others. */
function pickerOf({ work, first, size, cycled, people }: RowsRun): Next {
  const from = first + (work === 'reads' ? 0 : rowWorks.indexOf(work) * size)
  for (let index = from; index < from + size; index++) values[index] ??= valuesOf(index, people)
  let turn = cycled
  const place = work === 'reads' ? () => Math.floor(Math.random() * size) : () => turn++ % size
  return () => {
    const found = values[from + place()]
    if (found === undefined) throw new Error('there are values for everyone')
    return found
  }
}

// Questions come over the channel: it keeps this process.
process.channel?.ref()
