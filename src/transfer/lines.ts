/** The lines of a file, as they come from the disk: octets, numbered, in constant memory. */

import { open } from 'node:fs/promises'

export interface Line {
  /** From 1. */
  readonly number: number
  /** Without the line end. Undefined where the line is longer than can be read. */
  readonly bytes: Uint8Array | undefined
  /** Octets of the file up to and with this line. */
  readonly end: number
}

/** Whole lines that follow each other. */
export interface Block {
  /** In a buffer of its own. Of a line that is too long there may be the beginning alone, still too long. */
  readonly bytes: Uint8Array
  /** Number of its first line. */
  readonly number: number
  /** Octets of the file up to and with its last line. */
  readonly end: number
}

const longestLine = 1024 * 1024
const octetsAtOnce = 256 * 1024
const newline = 0x0a
const carriageReturn = 0x0d

/** `look` is shown every octet of the file, in order. */
export async function* readBlocks(file: string, look: (octets: Uint8Array) => void = () => undefined): AsyncGenerator<Block> {
  const handle = await open(file)
  try {
    let rest = Buffer.alloc(0)
    let number = 1
    let position = 0
    for (;;) {
      const buffer = Buffer.allocUnsafeSlow(rest.length + octetsAtOnce)
      rest.copy(buffer)
      const { bytesRead } = await handle.read(buffer, rest.length, octetsAtOnce, position)
      position += bytesRead
      const content = buffer.subarray(0, rest.length + bytesRead)
      look(content.subarray(rest.length))
      const whole = bytesRead === 0 ? content.length : content.lastIndexOf(newline) + 1
      // Before the block is given away, with all of its buffer. More of a line that is too long is not needed.
      rest = Buffer.from(content.subarray(whole, whole + longestLine + 1))
      if (whole > 0) {
        const block = { bytes: content.subarray(0, whole), number, end: position - (content.length - whole) }
        number += linesIn(block.bytes)
        yield block
      }
      if (bytesRead === 0) return
    }
  } finally {
    await handle.close()
  }
}

function linesIn(bytes: Uint8Array): number {
  let lines = 0
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) lines++
  return lines
}

export function* linesOf({ bytes, number: first, end }: Block): Generator<Line> {
  const start = end - bytes.length
  let number = first
  for (let from = 0; from < bytes.length; number++) {
    const found = bytes.indexOf(newline, from)
    const to = found < 0 ? bytes.length : found
    const tooLong = to - from > longestLine
    const line = bytes.subarray(from, to > from && bytes[to - 1] === carriageReturn ? to - 1 : to)
    from = to + 1
    yield { number, bytes: tooLong ? undefined : line, end: Math.min(end, start + from) }
  }
}

export async function* readLines(file: string): AsyncGenerator<Line> {
  for await (const block of readBlocks(file)) yield* linesOf(block)
}
