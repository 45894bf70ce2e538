/**
 * A file for what is worked out and not written yet, beside the data. It holds what they hold, so that nobody else may
 * read it; and it has no name from its first moment, so that it goes with its process however that ends.
 */

import { type FileHandle, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { StartError } from '../errors.ts'
import { makeFolder, openFresh } from '../private-files.ts'

export class SpillFile {
  readonly #folder: string
  readonly #name: string
  readonly #sizes: number[] = []
  #handle: FileHandle | undefined
  #madeFolder = false
  #end = 0

  /** `name` is to be one that no other process thinks of. Nothing is made before there is something to keep. */
  constructor(folder: string, name: string) {
    this.#folder = folder
    this.#name = join(folder, name)
  }

  /** Throws StartError where it cannot be kept. */
  async add(piece: Uint8Array): Promise<void> {
    try {
      this.#handle ??= await this.#make()
      for (let from = 0; from < piece.length; ) {
        const { bytesWritten } = await this.#handle.write(piece, from, piece.length - from, this.#end + from)
        from += bytesWritten
      }
    } catch (error) {
      throw new StartError(
        `the data folder ${this.#folder} cannot be written to (${error instanceof Error ? error.message : String(error)}): an import keeps there for a while what it has read`,
        'cannotCreate',
        error,
      )
    }
    this.#end += piece.length
    this.#sizes.push(piece.length)
  }

  /** The pieces, in the order in which they were added. Each is good until the next is asked for. */
  async *pieces(): AsyncGenerator<Uint8Array> {
    const room = Buffer.allocUnsafeSlow(Math.max(0, ...this.#sizes))
    let position = 0
    for (const size of this.#sizes) {
      const piece = room.subarray(0, size)
      for (let read = 0; read < size; ) {
        const bytesRead = (await this.#handle?.read(piece, read, size - read, position + read))?.bytesRead ?? 0
        if (bytesRead === 0) throw new Error('what an import kept for a while is gone')
        read += bytesRead
      }
      position += size
      yield piece
    }
  }

  /** Takes it away; the folder too, where it was made for this and nothing else came into it. */
  async close(): Promise<void> {
    await this.#handle?.close()
    if (this.#madeFolder) await rmdir(this.#folder).catch(() => undefined)
  }

  async #make(): Promise<FileHandle> {
    this.#madeFolder = makeFolder(this.#folder)
    const handle = await openFresh(this.#name)
    await rm(this.#name)
    return handle
  }
}
