/** Bodies that are no JSON, no UTF-8, too deep, too large or packed to deceive: a 4xx for each operation, and nothing is written. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type Answer, ask } from '../../support/ask.ts'
import { type BodyOperation, bodyOperations } from '../../support/hostile-bodies.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer } from '../../support/server.ts'
import { open } from '../../support/wire.ts'

const server = await startServer()
const operations = await bodyOperations(server)
const megabyte = 1024 * 1024
const bomb = gzipSync(Buffer.alloc(64 * megabyte, ' '))

const bytes = (...parts: readonly (string | readonly number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))

/** No JSON at all, or no object. `good` is the good body as text. */
const unreadable: Readonly<Record<string, (good: string) => string | Uint8Array>> = {
  'spaces alone': () => '   \n',
  'half of the body': (good) => good.slice(0, -5),
  'a comma too many': (good) => good.replace('}', ',}'),
  'a comma too few': (good) => good.replace('{', '{"id":"1" '),
  'two bodies': (good) => good + good,
  'something after the body': (good) => `${good}//`,
  'a comment': (good) => good.replace('{', '{/* hello */'),
  'single quotes': (good) => good.replaceAll('"', "'"),
  'a name without quotes': (good) => good.replace('{', '{id:1,'),
  NaN: (good) => good.replace('{', '{"id":NaN,'),
  Infinity: (good) => good.replace('{', '{"id":-Infinity,'),
  undefined: (good) => good.replace('{', '{"id":undefined,'),
  'a hexadecimal number': (good) => good.replace('{', '{"id":0x1f,'),
  'a number that begins with 0': (good) => good.replace('{', '{"id":007,'),
  'a line feed within a text': (good) => good.replace('{', '{"id":"a\nb",'),
  'a bare NUL': (good) => good.replace('{', '{\0'),
  'a bare NUL within a text': (good) => good.replace('{', '{"id":"\0",'),
  'an escape that JSON has not': (good) => good.replace('{', '{"id":"\\x41",'),
  'half of an escape': (good) => good.replace('{', '{"id":"\\u00",'),
  'two byte order marks': (good) => bytes([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf], good),
  'UTF-16': (good) => Buffer.from(`\ufeff${good}`, 'utf16le'),
  'UTF-16 without a mark': (good) => Buffer.from(good, 'utf16le'),
  'Latin-1': (good) => Buffer.from(good.replace('{', '{"id":"\u00e9",'), 'latin1'),
  'an octet that UTF-8 has not': (good) => bytes('{"id":"', [0xff], '",', good.slice(1)),
  'an overlong slash': (good) => bytes('{"id":"', [0xc0, 0xaf], '",', good.slice(1)),
  'an overlong NUL': (good) => bytes('{"id":"', [0xc0, 0x80], '",', good.slice(1)),
  'half a surrogate pair in UTF-8': (good) => bytes('{"id":"', [0xed, 0xa0, 0x80], '",', good.slice(1)),
  'a character beyond Unicode': (good) => bytes('{"id":"', [0xf4, 0x90, 0x80, 0x80], '",', good.slice(1)),
  'a character that is cut off': (good) => bytes(good.slice(0, -2), [0xe2, 0x82]),
  '10,000 lists in each other': (good) => good.replace('{', `{"createdBy":${'['.repeat(10_000)}${']'.repeat(10_000)},`),
  '10,000 objects in each other': (good) => good.replace('{', `{"createdBy":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)},`),
  '10,000 lists that never end': () => '['.repeat(10_000),
  '10,000 objects that never end': () => '{"a":'.repeat(10_000),
  'half a million lists in each other': () => '['.repeat(megabyte / 2) + ']'.repeat(megabyte / 2),
  'a member twice': (good) => good.replace('{', '{"id":"1","id":"2",'),
  'a member twice, once escaped': (good) => good.replace('{', '{"id":"1","\\u0069\\u0064":"2",'),
  'a member twice, deep inside': (good) => good.replace('{', '{"createdBy":{"user":[{"id":"1","b":{},"id":"2"}]},'),
  '__proto__ twice': (good) => good.replace('{', '{"__proto__":{},"__proto__":{},'),
  'an annotation twice': (good) => good.replace('{', '{"@odata.etag":"1","@odata.etag":"2",'),
}

const noObject = ['null', 'true', 'false', '0', '1e999', '"text"', '[]', '[{}]', '[[]]']

const otherTypes = [
  ...['text/plain', 'text/json', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'],
  ...['application/jsonx', 'application/merge-patch+json', 'application/json, text/plain', 'application', '*/*', ','],
  ...['application/json; charset=latin1', 'application/json;charset="utf-16"', 'application/json;charset=utf-7'],
]

const otherEncodings = ['br', 'deflate', 'zstd', 'compress', 'x-gzip', 'gzip, gzip', 'identity, gzip', 'nonsense']

for (const operation of operations) {
  describe(operation.name, () => {
    const { good } = operation
    const text = JSON.stringify(good)
    const { refuses, accepts } = sender(operation)

    for (const [what, make] of Object.entries(unreadable))
      it(`refuses ${what}`, () => refuses(make(text), {}, (answer) => assertRefused(answer, 400, 'BadRequest')))

    it('refuses what is JSON and no object', async () => {
      for (const body of noObject) await refuses(body, {}, (answer) => assertRefused(answer, 400, 'badRequest'))
    })

    it('names a member that is given twice, however it is spelled', async () => {
      const [name = ''] = Object.keys(good).slice(-1)
      const escaped = [...name].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
      for (const spelled of [name, escaped])
        await refuses(`${text.slice(0, -1)},"${spelled}":"evil"}`, {}, (answer) => assertRefused(answer, 400, 'BadRequest', name))
    })

    it('refuses another content type, and names the header', async () => {
      for (const type of otherTypes)
        await refuses(text, { 'Content-Type': type }, (answer) => assertRefused(answer, 415, 'UnsupportedMediaType', 'Content-Type'))
    })

    it('refuses another content encoding, and names the header', async () => {
      for (const encoding of otherEncodings)
        await refuses(text, { 'Content-Encoding': encoding }, (answer) =>
          assertRefused(answer, 415, 'UnsupportedMediaType', 'Content-Encoding'),
        )
    })

    it('refuses no body, and no content type', async () => {
      const before = await operation.state()
      for (const [headers, target] of [
        ['Content-Type: application/json\r\nContent-Length: 0\r\n', undefined],
        ['Content-Type: application/json\r\n', undefined],
        [`Content-Length: ${text.length}\r\n`, 'Content-Type'],
      ] as const) {
        const wire = open(server.http)
        wire.send(`${operation.request} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${operation.token}\r\n${headers}\r\n`)
        if (target !== undefined) wire.send(text)
        const { status, json } = await wire.answer()
        wire.end()
        assert.deepEqual([status, json.error.code, json.error.target], [400, 'BadRequest', target])
      }
      assert.equal(await operation.state(), before)
    })

    it('refuses gzip that is cut off, is none, or is packed twice', async () => {
      const packed = gzipSync(text)
      for (const body of [packed.subarray(0, -9), packed.subarray(0, 5), Buffer.from(text), gzipSync(packed), gzipSync('')])
        await refuses(body, { 'Content-Encoding': 'gzip' }, (answer) => assertRefused(answer, 400, 'BadRequest'))
    })

    it('refuses 64 MB of spaces in 64 kB of gzip, and 10 MB as they are', async () => {
      await refuses(bomb, { 'Content-Encoding': 'gzip' }, (answer) => assertRefused(answer, 413, 'RequestEntityTooLarge'))
      await refuses(text.padEnd(10 * megabyte), {}, (answer) => assertRefused(answer, 413, 'RequestEntityTooLarge'))
    })

    it('takes the same body in any form that is right', async () => {
      await accepts(`\n\t${text.replaceAll(':', ' : ').replace('#microsoft . ', '#microsoft.')} \r\n`)
      await accepts(bytes([0xef, 0xbb, 0xbf], text))
      await accepts(text.padEnd(megabyte))
      await accepts(gzipSync(text), { 'Content-Encoding': 'gzip' })
      await accepts(gzipSync(text.padEnd(megabyte)), { 'Content-Encoding': 'GZIP' })
      for (const type of ['APPLICATION/JSON', 'application/json;charset=UTF-8', 'application/json; charset="utf-8"; odata.metadata=full'])
        await accepts(text, { 'Content-Type': type })
    })
  })
}

function sender({ request, token, state, undo }: BodyOperation) {
  const send = (body: string | Uint8Array, headers: Readonly<Record<string, string>>) => ask(server, request, { token, body, headers })
  return {
    refuses: async (body: string | Uint8Array, headers: Readonly<Record<string, string>>, check: (answer: Answer) => void) => {
      const before = await state()
      check(await send(body, headers))
      assert.equal(await state(), before)
    },
    accepts: async (body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) => {
      const answer = await send(body, headers)
      assert.ok(answer.status < 300, answer.text)
      await undo()
    },
  }
}
