/** Files that commands write for whoever calls them: complete or not at all, and nothing replaced that was not meant. */

import { lstatSync, type Stats } from 'node:fs'
import { type FileHandle, rm } from 'node:fs/promises'
import { StartError } from '../errors.ts'
import { giveName, openFresh } from '../private-files.ts'
import type { Terminal } from './terminal.ts'

/** Throws StartError where the file may not be made: something is there that is not to be replaced. */
export function requireTarget(file: string, force: boolean): void {
  const there = lookAt(file)
  if (there === undefined) return
  if (!force) throw new StartError(`${file} is there already: --force replaces it`, 'cannotCreate')
  // A link is replaced itself; what it leads to stays.
  if (!there.isFile() && !there.isSymbolicLink()) throw new StartError(`${file} is not a file, so it is not replaced`, 'cannotCreate')
}

/** Undefined where nothing is there; or where nothing can be, which writing tells better. */
function lookAt(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** Long commands call this now and then. It throws once the program is asked to end, so that nothing half done is left behind. */
export function endOnStop(file: string, { onStop }: Pick<Terminal, 'onStop'>): () => void {
  let stopped = false
  onStop(() => {
    stopped = true
  })
  return () => {
    if (stopped) throw new StartError(`interrupted: ${file} was not written`, 'cannotCreate')
  }
}

/** A file that has its name when it is complete. Throws StartError where it cannot be written. */
export class OutputFile {
  readonly #file: string
  readonly #draft: string
  readonly #handle: FileHandle
  #named = false

  private constructor(file: string, draft: string, handle: FileHandle) {
    this.#file = file
    this.#draft = draft
    this.#handle = handle
  }

  /** `name`: one that no other process thinks of. */
  static async open(file: string, name: string): Promise<OutputFile> {
    const draft = `${file}.${name}.part`
    return new OutputFile(file, draft, await openFresh(draft).catch((error: unknown) => refuse(file, error, draft)))
  }

  async write(text: string): Promise<void> {
    await this.#handle.appendFile(text).catch((error: unknown) => refuse(this.#file, error))
  }

  async finish(replace: boolean): Promise<void> {
    try {
      await this.#handle.sync()
      await giveName(this.#draft, this.#file, replace)
      this.#named = true
    } catch (error) {
      refuse(this.#file, error, this.#draft)
    }
  }

  /** To be called at the end, whether it came to that or not. */
  async close(): Promise<void> {
    await this.#handle.close()
    if (!this.#named) await rm(this.#draft, { force: true })
  }
}

/** `draft`: a name that means nothing to the reader. */
function refuse(file: string, error: unknown, draft = file): never {
  const reason = (error instanceof Error ? error.message : String(error)).replaceAll(draft, file)
  throw new StartError(`${file} cannot be written (${reason})`, 'cannotCreate', error)
}
