/** Reads a file with several threads; what they say comes in the order of the file. */

import { availableParallelism } from 'node:os'
import { deserialize, serialize } from 'node:v8'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type Block, readBlocks } from './lines.ts'
import { type BlockRecords, readBlock } from './read-block.ts'

/** The records of a block, ready to be stored. */
export interface PackedBlock {
  /** Number of its first line. */
  readonly number: number
  /** Octets of the file up to and with its last line. */
  readonly end: number
  readonly faults: BlockRecords['faults']
  /** In a buffer of its own. */
  readonly packed: Uint8Array<ArrayBuffer>
}

const mostThreads = 4
/** So that a thread need not wait for its next block. */
const blocksInHand = 2
/** A heap that is collected often stays small. */
const threadHeap = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 512 }

/** `look` is shown every octet of the file, in order. */
export async function* readInThreads(file: string, look: (octets: Uint8Array) => void): AsyncGenerator<PackedBlock> {
  const readers = Array.from({ length: Math.min(mostThreads, availableParallelism()) }, () => new ReaderThread())
  const underway: Promise<PackedBlock>[] = []
  try {
    let turn = 0
    for await (const block of readBlocks(file, look)) {
      const next = readers[turn++ % readers.length]?.read(block)
      // Told when it is its turn, and no error that nobody waits for until then.
      next?.catch(() => undefined)
      if (next !== undefined) underway.push(next)
      if (underway.length >= readers.length * blocksInHand) yield* upTo(underway.shift())
    }
    while (underway.length > 0) yield* upTo(underway.shift())
  } finally {
    await Promise.all(readers.map((reader) => reader.end()))
  }
}

async function* upTo(reading: Promise<PackedBlock> | undefined): AsyncGenerator<PackedBlock> {
  if (reading !== undefined) yield await reading
}

export function unpack(packed: Uint8Array): BlockRecords['runs'] {
  return deserialize(packed) as BlockRecords['runs'] // as packed below
}

interface Waiting {
  readonly resolve: (reading: PackedBlock) => void
  readonly reject: (error: unknown) => void
}

/** A thread, and who waits for it. It answers in the order in which it is asked. */
class ReaderThread {
  readonly #thread = new Worker(import.meta.filename, { workerData: readsBlocks, resourceLimits: threadHeap, execArgv: [] })
  readonly #waiting: Waiting[] = []
  #failure: Error | undefined

  constructor() {
    this.#thread.on('message', (reading: PackedBlock) => this.#waiting.shift()?.resolve(reading))
    this.#thread.on('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))))
    this.#thread.on('exit', () => this.#fail(new Error('a thread that read lines has ended')))
  }

  read(block: Block): Promise<PackedBlock> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure)
      this.#waiting.push({ resolve, reject })
      this.#thread.postMessage(block, [block.bytes.buffer as ArrayBuffer]) // not shared: lines.ts made it
    })
  }

  async end(): Promise<void> {
    await this.#thread.terminate()
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure)
  }
}

const readsBlocks = 'reads blocks of lines'

/** In the thread. */
function answerBlocks(): void {
  parentPort?.on('message', (block: Block) => {
    const { runs, faults } = readBlock(block)
    const packed = serialize(runs)
    const reading: PackedBlock = { number: block.number, end: block.end, faults, packed }
    parentPort?.postMessage(reading, [packed.buffer as ArrayBuffer]) // just made, and shared with nobody
  })
}

if (!isMainThread && workerData === readsBlocks) answerBlocks()
