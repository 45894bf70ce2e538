/** The lines of a file, as they come from the disk: octets, numbered, in constant memory. */

import { createReadStream } from 'node:fs'

export interface Line {
  /** From 1. */
  readonly number: number
  /** Without the line end. Undefined where the line is longer than can be read. */
  readonly bytes: Uint8Array | undefined
  /** Octets of the file up to and with this line. */
  readonly end: number
}

const longestLine = 1024 * 1024
const newline = 0x0a
const carriageReturn = 0x0d

export async function* readLines(file: string): AsyncGenerator<Line> {
  let rest: Buffer[] = []
  let length = 0
  let number = 0
  let end = 0
  const take = (tail: Buffer): Line => {
    const tooLong = length + tail.length > longestLine
    const bytes = rest.length === 0 ? tail : Buffer.concat([...rest, tail])
    number++
    rest = []
    length = 0
    return { number, bytes: tooLong ? undefined : bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes, end }
  }
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    let from = 0
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      end += at + 1 - from
      yield take(chunk.subarray(from, at))
      from = at + 1
    }
    const tail = chunk.subarray(from)
    end += tail.length
    length += tail.length
    if (length <= longestLine) rest.push(tail)
    else rest = []
  }
  if (length > 0) yield take(Buffer.alloc(0))
}
