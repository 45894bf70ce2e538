/** Ends a worker thread; all threads of the embedded database use it. */

import type { Worker } from 'node:worker_threads'

/** Says so to a thread and settles when it has ended, though it was not to keep the program from ending. */
export async function endThread(thread: Worker): Promise<void> {
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
  thread.ref()
  thread.postMessage('end')
  await ended
}
