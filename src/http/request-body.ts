/** Reading a request's body: bounded as it arrives and as it inflates. */

import type { IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { GraphError } from '../errors.ts'
import { type GiveWay, isJson, largestBody, smallBody } from '../request/message.ts'

/** Callbacks for the reading of a body. */
export interface Reading {
  /** Called once the headers promise a body that can be read. */
  readonly wanted: () => void
  readonly giveWay: GiveWay
}

/**
 * The octets of a JSON body. What waits for its turn is held as it came: some octets may inflate to the most that there may be.
 * Throws `bodyUnreadable`, `mediaTypeUnsupported`, `bodyTooLarge` or `timeout`.
 */
export async function readRequestBody(message: IncomingMessage, { wanted, giveWay }: Reading): Promise<Uint8Array> {
  const encoding = checkHeaders(message)
  wanted()
  const bytes = await collect(message)
  if (bytes.length === 0) throw new GraphError('bodyUnreadable')
  const small = bytes.length > smallBody ? undefined : encoding === 'gzip' ? inflateTo(smallBody, bytes) : bytes
  if (small !== undefined) return small
  await giveWay(encoding === 'gzip' ? largestBody : bytes.length)
  const all = encoding === 'gzip' ? inflateTo(largestBody, bytes) : bytes
  if (all === undefined) throw new GraphError('bodyTooLarge')
  return all
}

function checkHeaders({ headers }: IncomingMessage): 'gzip' | 'identity' {
  const type = headers['content-type']
  if (type === undefined) throw new GraphError('bodyUnreadable', { target: 'Content-Type' })
  if (!isJson(type)) throw new GraphError('mediaTypeUnsupported', { target: 'Content-Type' })
  // Node takes the chunks apart and leaves any further transfer coding in place.
  if (!/^chunked$/i.test(headers['transfer-encoding'] ?? 'chunked'))
    throw new GraphError('mediaTypeUnsupported', { target: 'Transfer-Encoding' })
  const encoding = headers['content-encoding']?.toLowerCase().trim() ?? 'identity'
  if (encoding !== 'gzip' && encoding !== 'identity') throw new GraphError('mediaTypeUnsupported', { target: 'Content-Encoding' })
  if (Number(headers['content-length'] ?? 0) > largestBody) throw new GraphError('bodyTooLarge')
  return encoding
}

function collect(message: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // Gone while the token was looked into: nothing would come any more, not even an event.
    if (message.destroyed) reject(new GraphError('timeout'))
    const chunks: Buffer[] = []
    let length = 0
    message.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > largestBody) {
        message.removeAllListeners('data')
        message.pause()
        reject(new GraphError('bodyTooLarge'))
      } else {
        chunks.push(chunk)
      }
    })
    message.on('end', () => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)))
    message.on('error', () => reject(new GraphError('timeout')))
    message.on('aborted', () => reject(new GraphError('timeout')))
  })
}

/**
 * undefined: it inflates to more octets than `most`. Takes a millisecond or a few for the most, in this thread: beside it many at once
 * would be held inflated until they are read.
 */
function inflateTo(most: number, bytes: Buffer): Uint8Array | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: most, chunkSize: most < largestBody ? 16 * 1024 : 128 * 1024 })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw new GraphError('bodyUnreadable', { message: 'The request body is not valid gzip.' })
  }
}
