/** The doctor's look at the data folder: can it be written to, and who else may read it. */

import { existsSync } from 'node:fs'
import { access, constants, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { isOpenToOthers } from '../private-files.ts'
import { type Finding, finding, reason } from './finding.ts'
import type { Terminal } from './terminal.ts'

export async function checkFolder(folder: string, { newId, unixModes }: Pick<Terminal, 'newId' | 'unixModes'>): Promise<Finding> {
  const place = resolve(folder)
  try {
    if (!existsSync(place)) {
      await requireWritableFolder(existingAbove(place))
      return finding('folder', 'ok', `${place} is not there yet: the first start makes it`)
    }
    await requireWritableFolder(place)
    // Rights alone don't tell of a file system that is read-only or full.
    const probe = join(place, `doctor-${newId()}`)
    await writeFile(probe, 'a probe', { flag: 'wx' }).finally(() => rm(probe, { force: true }))
    if (!unixModes) return finding('folder', 'ok', `${place} can be written to; who else may read it is for Windows to say`)
    return openToOthers(place) ?? finding('folder', 'ok', `${place} can be written to, and read by nobody else`)
  } catch (error) {
    return finding(
      'folder',
      'bad',
      `${place} cannot be written to (${reason(error)}): change its rights, or choose another with SELFGRAPH_DATA`,
    )
  }
}

/** Files that no other account may read: a start closes them, where they belong to its account. */
const secret = ['selfgraph.db', 'selfgraph.db-wal', 'selfgraph.db-shm', 'secrets', 'signing-key.json', 'development-key.pem']

function openToOthers(place: string): Finding | undefined {
  const files = secret.filter((name) => existsSync(join(place, name)) && isOpenToOthers(join(place, name)))
  if (files.length > 0)
    return finding('folder', 'warn', `${place} has files that other accounts may read (${files.join(', ')}): the next start closes them`)
  return isOpenToOthers(place) ? finding('folder', 'warn', `${place} can be entered by other accounts: chmod 700 ${place}`) : undefined
}

async function requireWritableFolder(place: string): Promise<void> {
  if (!(await stat(place)).isDirectory()) throw new Error(`${place} is not a folder`)
  await access(place, constants.W_OK)
}

function existingAbove(place: string): string {
  const above = dirname(place)
  return above === place || existsSync(above) ? above : existingAbove(above)
}
