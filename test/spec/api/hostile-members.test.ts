/** Bodies that are JSON and not what they should be: every type in every member. A 400 names the member, and nothing is written. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { bodyOperations, bodyWith, everyJson, membersOf } from '../../support/hostile-bodies.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer } from '../../support/server.ts'

const server = await startServer()
const operations = await bodyOperations(server)

/** Names that are no members of anything, or of every JavaScript object. */
const unknownNames = [
  ...[
    'nope',
    'addreſs',
    'ſtate',
    'CONSTRUCTOR',
    'isSearchable.',
    ' address',
    'address ',
    'inference/confidenceScore',
    '$ref',
    'odata.type',
  ],
  ...['constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', '__proto__', 'valueOf', 'length', '0', ''],
]

for (const { name, request, token, type, good, wrong, state, undo } of operations) {
  describe(name, () => {
    const send = (body: unknown) => ask(server, request, { token, body })
    /** Each body with the member at fault. */
    const refuses = async (...bodies: readonly (readonly [body: unknown, target: string])[]) => {
      const before = await state()
      for (const [body, target] of bodies) {
        assertRefused(await send(body), 400, 'badRequest', target)
        assert.equal(await state(), before)
      }
    }
    /** The good body as text, with a member before it: an object literal would take `__proto__` for something else. */
    const withFirst = (member: string, value: string) => `{${JSON.stringify(member)}:${value},${JSON.stringify(good).slice(1)}`

    it('takes the good body that all the others differ from in one thing', async () => {
      const before = await state()
      const answer = await send(good)
      assert.ok(answer.status < 300, answer.text)
      assert.notEqual(await state(), before)
      await undo()
    })

    it('has each of its members in what follows', () => {
      const tried = new Set(Object.keys(wrong).map((path) => path.split('/')[0]))
      assert.deepEqual(
        membersOf(type).settable.filter((member) => !tried.has(member)),
        [],
      )
    })

    for (const [path, values] of Object.entries(wrong)) {
      it(`refuses what is no ${path}, and names it`, () => refuses(...values.map((value) => [bodyWith(good, path, value), path] as const)))
    }

    it('refuses members that there are not, and names them', async () => {
      const values = ['null', '{}', '"text"', '{"isAdmin":true}']
      await refuses(...unknownNames.flatMap((unknown) => values.map((value) => [withFirst(unknown, value), unknown] as const)))
    })

    it('refuses a name that cannot be printed, and names it as far as that can be done', () =>
      refuses(
        [withFirst('a\u0000\n', '1'), 'a\ufffd\ufffd'],
        [withFirst('\ud800', '1'), '\ufffd'],
        [withFirst('x'.repeat(100_000), '1'), 'x'.repeat(128)],
      ))

    it('refuses the type of something else', () => {
      const names = ['#microsoft.graph.user', 'microsoft.graph.itemFacet', '#itemEmail', '#microsoft.graph.entity']
      return refuses(...[...everyJson, ...names].map((value) => [{ ...good, '@odata.type': value }, '@odata.type'] as const))
    })

    it('ignores what the server sets, whatever stands there', async () => {
      const { readOnly } = membersOf(type)
      assert.ok(readOnly.includes('id'))
      for (const member of readOnly) {
        for (const value of [...everyJson, 'x'.repeat(10_000), '\ud800', { user: { id: 'evil' } }]) {
          const answer = await send({ ...good, [member]: value })
          assert.ok(answer.status < 300, `${member}: ${answer.text}`)
          assert.doesNotMatch(await state(), /evil|xxxx|"text"/)
          await undo()
        }
      }
    })

    it('ignores annotations that say nothing about the type', async () => {
      for (const annotation of ['@odata.context', '@odata.id', '@odata.etag', 'address@odata.type', 'constructor@odata.bind']) {
        const answer = await send({ ...good, [annotation]: { evil: true } })
        assert.ok(answer.status < 300, `${annotation}: ${answer.text}`)
        assert.doesNotMatch(await state(), /evil/)
        await undo()
      }
    })
  })
}
