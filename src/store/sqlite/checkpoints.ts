/**
 * Checkpoints of the embedded database: what was committed moves from the log into the database file. A thread of its
 * own does it, since it takes long and requests would wait for it in the thread that answers them.
 */

import { DatabaseSync } from 'node:sqlite'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { endThread } from '../threads.ts'

/** Rows changed between two checkpoints: pages that change again and again are moved once. */
const changesBetween = 12_000
/** Pages of the log from which it is to begin anew at its beginning, 192 MB. */
const longLog = 49_152
/** Rows whose pages may be moved while requests wait. */
const fewChanges = 200
const mostPasses = 8

export class Checkpoints {
  readonly #beginAnew: () => Promise<void>
  readonly #file: string
  #thread: Worker | undefined
  #changes = 0
  #busy = false
  /** How often in a row the thread was asked, so that less would be left. */
  #passes = 0
  #closed = false

  /** `beginAnew` moves what little is left, where nothing is written meanwhile. */
  constructor(file: string, beginAnew: () => Promise<void>) {
    this.#file = file
    this.#beginAnew = beginAnew
  }

  /** Called after each commit with how many rows it changed. */
  note(changes: number): void {
    this.#changes += changes
    if (this.#changes >= changesBetween && !this.#busy && !this.#closed) this.#ask()
  }

  #ask(): void {
    this.#changes = 0
    this.#busy = true
    this.#thread ??= this.#start()
    this.#thread.postMessage('checkpoint')
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#thread !== undefined) await endThread(this.#thread)
  }

  #start(): Worker {
    const thread = new Worker(import.meta.filename, {
      workerData: { checkpointsOf: this.#file } satisfies CheckpointThreadData,
      execArgv: [], // what was preloaded for the process is not for a thread of it
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
    })
    thread.on('message', (pages: number) => this.#end(pages))
    // It could not be done now: there is a next time. Should there never be one, a commit does it in the end (sqlite.ts).
    const forget = () => {
      if (this.#thread === thread) this.#thread = undefined
      this.#busy = false
    }
    thread.on('error', forget).on('exit', forget)
    thread.unref()
    return thread
  }

  /** While the thread was at it more was committed. What is little is moved between two commits, so that the log can begin anew. */
  #end(pages: number): void {
    this.#busy = false
    if (pages < longLog || this.#closed) return
    if (this.#changes > fewChanges && ++this.#passes < mostPasses) {
      this.#ask()
      return
    }
    this.#passes = 0
    // Where it fails, on a full disk or for a reader in between, nothing is lost, and the next time comes.
    this.#beginAnew().catch(() => undefined)
  }
}

interface CheckpointThreadData {
  readonly checkpointsOf: string
}

function isCheckpointThread(data: unknown): data is CheckpointThreadData {
  return typeof data === 'object' && data !== null && 'checkpointsOf' in data
}

/** In the thread: answers how many pages the log has. */
function checkpointOnDemand({ checkpointsOf: file }: CheckpointThreadData): void {
  const database = new DatabaseSync(file, { timeout: 5_000 })
  database.exec('PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-1024')
  const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)')
  parentPort?.on('message', (message: 'checkpoint' | 'end') => {
    if (message === 'end') {
      database.close()
      parentPort?.close()
      return
    }
    parentPort?.postMessage(Number(checkpoint.get()?.log ?? 0))
  })
}

if (!isMainThread && isCheckpointThread(workerData)) checkpointOnDemand(workerData)
