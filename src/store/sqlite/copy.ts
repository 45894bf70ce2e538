/** A consistent copy of the embedded database, made beside whoever writes to it. */

import { open, realpath, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { StartError } from '../../errors.ts'
import { giveName, makeFresh } from '../../private-files.ts'
import type { Copying } from '../database.ts'
import { asStartError, resultCode } from './errors.ts'

const pagesAtOnce = 200

/** Copies the database in `from`; the copy appears under its name when it is complete and was found whole. */
export async function copyDatabase(from: string, to: string, { draftName, replace, show }: Copying): Promise<void> {
  if ((await realpath(from)) === (await realpath(to).catch(() => to)))
    throw new StartError(`${to} is the database itself: give another file`, 'cannotCreate')
  const draft = `${to}.${draftName}.part`
  try {
    makeFresh(draft)
    await copyPages(from, draft, show)
    show(1)
    await settle(draft)
    await giveName(draft, to, replace)
    await sync(dirname(to))
  } catch (error) {
    await removeDatabase(draft).catch(() => undefined) // what cannot be made cannot be removed
    if (error instanceof StartError) throw error
    if (resultCode(error) === undefined && !(error instanceof Error && 'syscall' in error)) throw error
    throw new StartError(`${to} cannot be written (${reasonOf(error, draft, to)})`, 'cannotCreate', error)
  }
}

/** The draft has a name that means nothing to the reader. */
function reasonOf(error: unknown, draft: string, to: string): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(draft, to)
}

/** All pages of one view of the data. Holding the view keeps the copy from beginning anew at each write by others. */
async function copyPages(from: string, to: string, show: (share: number) => void): Promise<void> {
  const source = new DatabaseSync(from, { readOnly: true, timeout: 5_000 })
  try {
    source.exec('BEGIN; SELECT 1 FROM sqlite_schema')
    await backup(source, to, {
      rate: pagesAtOnce,
      progress: ({ totalPages, remainingPages }) => show(1 - remainingPages / totalPages),
    })
  } finally {
    source.close()
  }
}

/** Makes the copy one file that needs no others, looks whether it is whole, and has it on disk. */
async function settle(file: string): Promise<void> {
  const copy = new DatabaseSync(file)
  try {
    copy.exec('PRAGMA journal_mode=DELETE')
    const faults = copy.prepare('PRAGMA integrity_check(1)').all()
    if (faults.some((row) => row.integrity_check !== 'ok'))
      throw new StartError('the database is damaged, and so would the copy be: selfgraph doctor tells more', 'badData')
  } catch (error) {
    throw asStartError(error, file)
  } finally {
    copy.close()
  }
  await sync(file)
}

async function sync(place: string): Promise<void> {
  // Some systems let no folder be opened; there a rename is on disk when the system says so.
  const handle = await open(place, 'r').catch(() => undefined)
  try {
    await handle?.sync()
  } finally {
    await handle?.close()
  }
}

async function removeDatabase(file: string): Promise<void> {
  for (const suffix of ['', '-journal', '-wal', '-shm']) await rm(`${file}${suffix}`, { force: true })
}
