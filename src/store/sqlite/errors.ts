/** Maps failures of SQLite to errors for a client, and to messages for the terminal. */

import { GraphError, StartError } from '../../errors.ts'

const retryAfterSeconds = 2

/** Primary result codes of SQLite that mean something to us (https://sqlite.org/rescode.html). */
export const code = { busy: 5, readOnly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 } as const

export function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

/** Maps a failing database to the error that a client gets, with the operator's message as its cause; other errors pass through. */
export function asGraphError(error: unknown, file: string): unknown {
  switch (resultCode(error)) {
    case code.full:
      return new GraphError('storageFull', { cause: asStartError(error, file) })
    case code.busy:
    case code.ioError:
    case code.readOnly:
    case code.cannotOpen:
    case code.corrupt:
    case code.notADatabase:
      return new GraphError('unavailable', { cause: asStartError(error, file), headers: { 'Retry-After': String(retryAfterSeconds) } })
    default:
      return error
  }
}

export function asStartError(error: unknown, file: string): unknown {
  switch (resultCode(error)) {
    case code.notADatabase:
    case code.corrupt:
      return new StartError(`${file} is damaged, or no database at all: put a copy back, or move it away to start anew`, 'badData', error)
    case code.busy:
      return new StartError(`${file} is locked by another program`, 'unavailable', error)
    case code.full:
      return new StartError(`there is no room left for ${file}: make some on its disk`, 'cannotCreate', error)
    case undefined:
      return error
    default:
      return new StartError(`${file} cannot be used (${reason(error)})`, 'cannotCreate', error)
  }
}

export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
