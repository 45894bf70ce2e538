/**
 * Files and folders for their owner alone, whatever the umask is, and files that appear under their name when they are complete.
 * Nothing here follows a link that somebody else may have put where a file is to be made.
 */

import { chmodSync, closeSync, constants, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import { type FileHandle, link, lstat, open, rename, rm } from 'node:fs/promises'

const ownerOnly = 0o600
const ownerOnlyFolder = 0o700
/** The permission bits of group and others. */
const ofOthers = 0o077
// On Windows there is no link to follow, and no such flag.
const fresh = constants.O_CREAT | constants.O_EXCL | constants.O_RDWR | (constants.O_NOFOLLOW ?? 0)

/** Makes a folder, and those above it, where they are missing; answers whether it did. One that is there stays as it is. */
export function makeFolder(folder: string): boolean {
  return mkdirSync(folder, { recursive: true, mode: ownerOnlyFolder }) !== undefined
}

/** Makes an empty file where there is none, and takes away what others may do with one that is there. */
export function ensurePrivate(file: string): void {
  closeSync(openSync(file, constants.O_CREAT | constants.O_RDWR, ownerOnly))
  closeToOthers(file)
}

/** Takes away what others may do with a file of ours. A file that is missing, or belongs to somebody else, stays as it is. */
export function closeToOthers(file: string): void {
  try {
    if (isOpenToOthers(file)) chmodSync(file, statSync(file).mode & ~ofOthers)
  } catch {
    // `selfgraph doctor` tells of what could not be done
  }
}

export function isOpenToOthers(place: string): boolean {
  return (statSync(place).mode & ofOthers) !== 0
}

/** Opens a new file for writing. Throws where there is anything under that name, a link included. */
export function openFresh(file: string): Promise<FileHandle> {
  return open(file, fresh, ownerOnly)
}

/** Makes a new empty file. Throws where there is anything under that name, a link included. */
export function makeFresh(file: string): void {
  closeSync(openSync(file, fresh, ownerOnly))
}

/** Gives a complete file its name; with `replace` in the place of what is there. Throws (`EEXIST`) where it is taken. */
export async function giveName(draft: string, file: string, replace: boolean): Promise<void> {
  if (replace) return rename(draft, file)
  try {
    await link(draft, file) // unlike a rename it replaces nothing
  } catch (error) {
    if (!(error instanceof Error && 'code' in error) || error.code === 'EEXIST') throw error
    // A file system without hard links.
    if ((await lstat(file).catch(() => undefined)) !== undefined) throw error
    return rename(draft, file)
  }
  rmSync(draft)
}

/** Puts the names in a folder on disk: without it a power loss may take a new file along, however its content was synced. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY).catch(() => undefined) // Windows opens no folders, and needs none of it
  try {
    await handle?.sync()
  } finally {
    await handle?.close()
  }
}

/** Writes a small file whole: it is on disk before it has its name. */
export async function writePrivate(file: string, text: string, draftName: string): Promise<void> {
  const draft = `${file}.${draftName}.part`
  const handle = await openFresh(draft)
  try {
    await handle.writeFile(text)
    await handle.sync()
    await handle.close()
    await rename(draft, file)
  } catch (error) {
    await handle.close().catch(() => undefined) // closed already
    await rm(draft, { force: true })
    throw error
  }
}
