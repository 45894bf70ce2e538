import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Line, readLines } from '../../src/transfer/lines.ts'
import { freshFolder } from '../support/program.ts'

async function linesOf(content: string | Uint8Array): Promise<readonly Line[]> {
  const file = join(await freshFolder(), 'lines')
  await writeFile(file, content)
  return Array.fromAsync(readLines(file))
}

const texts = (lines: readonly Line[]) => lines.map(({ bytes }) => (bytes === undefined ? undefined : Buffer.from(bytes).toString()))
const mebibyte = 1024 * 1024

describe('The lines of a file', () => {
  it('are told apart by LF and by CR LF, and the last may lack its end', async () => {
    for (const [content, expected] of [
      ['', []],
      ['\n', ['']],
      ['a', ['a']],
      ['a\n', ['a']],
      ['a\r\n', ['a']],
      ['a\r', ['a']],
      ['a\n\nb', ['a', '', 'b']],
      ['a\r\n\r\nb\r\n', ['a', '', 'b']],
      ['a\rb\n', ['a\rb']],
      ['a\r\r\n', ['a\r']],
    ] as const)
      assert.deepEqual(texts(await linesOf(content)), expected, JSON.stringify(content))
  })

  it('carry their numbers from 1 and where they end in the file', async () => {
    assert.deepEqual(
      (await linesOf('ab\r\n\ncd')).map(({ number, end }) => ({ number, end })),
      [
        { number: 1, end: 4 },
        { number: 2, end: 5 },
        { number: 3, end: 7 },
      ],
    )
  })

  it('are octets as they stand in the file, valid UTF-8 or not', async () => {
    const [line] = await linesOf(new Uint8Array([0xff, 0x00, 0xc3, 0x0a]))
    assert.deepEqual([...(line?.bytes ?? [])], [0xff, 0x00, 0xc3])
  })

  it('of a megabyte are read and longer ones are marked, and the lines around them are read', async () => {
    const whole = 'x'.repeat(mebibyte)
    const lines = await linesOf(`a\n${whole}\nb\n${whole}x\nc\n${whole.repeat(3)}\nd\n${whole}x`)
    assert.deepEqual(
      texts(lines).map((text) => (text === undefined || text.length < 2 ? text : text.length)),
      ['a', mebibyte, 'b', undefined, 'c', undefined, 'd', undefined],
    )
    assert.deepEqual(
      lines.map(({ number }) => number),
      [1, 2, 3, 4, 5, 6, 7, 8],
    )
  })

  it('are the same wherever the pieces in which the file is read end', async () => {
    const piece = 256 * 1024
    for (const at of [piece - 2, piece - 1, piece, piece + 1]) {
      const first = 'x'.repeat(at)
      assert.deepEqual(texts(await linesOf(`${first}\r\n${first}\nlast`)), [first, first, 'last'], String(at))
    }
  })

  it('put together again are the file', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'ß', '😀', ' ', '\r', '\t', '{') }).filter((text) => !text.endsWith('\r'))
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 20 }), async (lines) => {
        assert.deepEqual(texts(await linesOf(lines.map((text) => `${text}\n`).join(''))), lines)
      }),
      { numRuns: 30 },
    )
  })
})
