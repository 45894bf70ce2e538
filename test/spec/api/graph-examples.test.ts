/**
 * Microsoft's own examples of the resources that are served here, sent to this server: status, error code, members and
 * their JSON types are as there, but for the differences in test/support/graph-example-differences.ts.
 */

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { Answer, Json } from '../../support/ask.ts'
import { differences } from '../../support/graph-example-differences.ts'
import { type Example, exampleUser, readExamples, replay } from '../../support/graph-examples.ts'
import { startServer } from '../../support/server.ts'
import { compareShapes, shapeOf } from '../../support/shape.ts'

const file = new URL('../../../../shared/oracles/graph-examples.jsonl', import.meta.url)
const missing = existsSync(file) ? false : `Microsoft's examples are not at ${file.pathname}`

describe('Microsoft’s examples', { skip: missing }, async () => {
  if (missing !== false) return
  const server = await startServer()
  const examples = readExamples(file)
  const used = new Set<(typeof differences)[number]>()

  for (const example of examples)
    it(`${example.name}: ${example.method} ${example.path} is answered as there`, async () => {
      const answer = await replay(server, example)
      const unexplained = compare(answer, example.expected).filter((line) => {
        const rows = differences.filter(
          ({ where, what }) => where.test(`${example.name} ${example.method} ${example.path}`) && what.test(line),
        )
        for (const row of rows) used.add(row)
        return rows.length === 0
      })
      assert.deepEqual(unexplained, [], answer.text)
    })

  it('are as many as there were when the differences were written down', () => {
    assert.equal(examples.length, 109)
  })

  it('need each row of the table of differences', () => {
    assert.deepEqual(
      differences.filter((row) => !used.has(row)).map(({ why }) => why),
      [],
    )
  })
})

/** What differs between an answer and the one that Microsoft shows: a line each. */
function compare({ status, text }: Answer, expected: Example['expected']): readonly string[] {
  if (status !== expected.status) return [`status ${status}, there ${expected.status}`]
  if (expected.body === null) return []
  const body: Json = text === '' ? null : JSON.parse(text)
  const [code, theirs] = [body.error?.code, expected.body.error?.code]
  return [
    ...(code === theirs ? [] : [`error code is ${code}, there ${theirs}`]),
    ...compareShapes(
      shapeOf(body, (items) => items.find(({ id }) => id === exampleUser.id) ?? items[0]),
      shapeOf(expected.body, (items) => items[0]),
    ),
  ]
}
