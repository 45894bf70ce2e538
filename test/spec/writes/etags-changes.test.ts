/** If-Match and If-None-Match on what is changed and removed: of every operation that does so, whichever it is. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { resources } from '../../../src/graph/index.ts'
import { suffixes } from '../../../src/odata/url/path.ts'
import { type Answer, ask } from '../../support/ask.ts'
import { type Changeable, changeables } from '../../support/changeable.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, type TestServer } from '../../support/server.ts'

/** Well formed, and of nothing. */
const foreignTag = 'W/"AAAAAAAAAAAAAAAAAAAAAA"'
const codes = { authentication: 'preconditionFailed', profile: 'ErrorIrresolvableConflict' } as const
const codeOf = (workload: string) => codes[workload as keyof typeof codes] ?? 'PreconditionFailed'

const operations = resources.flatMap((resource) =>
  Object.values(resource.operations)
    .filter(({ verb, on }) => verb !== 'GET' && (on === 'item' || on === 'single' || on === 'itemRef'))
    .map(({ verb, on }) => ({ resource, verb, on, name: `${verb} ${resource.path}${suffixes[on]}` })),
)

const server = await startServer()

function change(thing: Changeable, verb: string, headers: Readonly<Record<string, string>>, n = 1): Promise<Answer> {
  return ask(server, `${verb} ${thing.path}`, { token: thing.token, headers, ...(verb === 'DELETE' ? {} : { body: thing.body(n) }) })
}

async function tagOf(thing: Changeable, at: Pick<TestServer, 'http'> = server): Promise<string> {
  const { headers, text } = await ask(at, `GET ${thing.path}`, { token: thing.token })
  const tag = headers.get('etag')
  assert.ok(tag !== null, text)
  return tag
}

/** A tag that the thing had, or none that it ever has. */
async function staleTagOf(thing: Changeable, canBePatched: boolean): Promise<string> {
  if (!canBePatched && thing.touch === undefined) return foreignTag
  const stale = await tagOf(thing)
  await (thing.touch?.() ?? change(thing, 'PATCH', {}, 99))
  assert.notEqual(await tagOf(thing), stale)
  return stale
}

describe('Every operation that changes or removes one thing', () => {
  it('is known to this test', () => {
    assert.ok(operations.length >= 14)
    for (const { resource } of operations) assert.ok(resource.path in changeables, resource.path)
  })

  for (const { resource, verb, on, name } of operations) {
    const make = async () => (await changeables[resource.path]?.(server)) ?? assert.fail()
    const canBePatched = operations.some((other) => other.resource === resource && other.verb === 'PATCH')
    const isReadable = on !== 'itemRef'
    // Other things of this test come and go beside a profile; it alone is always there.
    const staysThere = resource.path.endsWith('/profile') || resource.path.startsWith('/policies')

    it(`${name} is refused with 412 where If-Match has a tag of before, and changes nothing`, async () => {
      const thing = await make()
      const stale = await staleTagOf(thing, canBePatched)
      const before = isReadable ? await tagOf(thing) : undefined
      for (const ifMatch of [stale, stale.slice(2), `${stale}, ${foreignTag}`, '"x"'])
        assertRefused(await change(thing, verb, { 'If-Match': ifMatch }), 412, codeOf(resource.workload), 'If-Match')
      if (isReadable) assert.equal(await tagOf(thing), before)
      else assert.equal((await change(thing, verb, {})).status, 204)
    })

    if (isReadable)
      it(`${name} is done where If-Match has the tag of now, weak or strong, alone or among others`, async () => {
        for (const form of [(tag: string) => tag, (tag: string) => tag.slice(2), (tag: string) => `${foreignTag} ,, ${tag}`]) {
          const thing = await make()
          const done = await change(thing, verb, { 'If-Match': form(await tagOf(thing)) })
          assert.ok(done.status === 200 || done.status === 204, done.text)
        }
      })

    it(`${name} is done where If-Match is *, and without it as ever`, async () => {
      for (const headers of [{ 'If-Match': '*' }, {}]) {
        const done = await change(await make(), verb, headers)
        assert.ok(done.status === 200 || done.status === 204, done.text)
      }
    })

    it(`${name} is refused where If-None-Match has the tag of now or is *, and done where it has another`, async () => {
      const thing = await make()
      const now = isReadable ? await tagOf(thing) : '*'
      for (const ifNoneMatch of [now, '*'])
        assertRefused(await change(thing, verb, { 'If-None-Match': ifNoneMatch }), 412, codeOf(resource.workload), 'If-None-Match')
      const done = await change(thing, verb, { 'If-None-Match': foreignTag })
      assert.ok(done.status === 200 || done.status === 204, done.text)
    })

    for (const header of ['If-Match', 'If-None-Match'])
      it(`${name} refuses an ${header} that is no list of tags with 400`, async () => {
        const thing = await make()
        for (const value of ['x', 'w/"x"', '"x', '"x" "y"', '*, "x"', '""x"', ',', 'W/'])
          assertRefused(await change(thing, verb, { [header]: value }), 400, 'BadRequest', header)
      })

    if (!staysThere)
      it(`${name} is a 404 with any If-Match where there is nothing, as it is without`, async () => {
        const thing = await make()
        const tag = isReadable ? await tagOf(thing) : foreignTag
        await change(thing, 'DELETE', {})
        const without = await change(thing, verb, {})
        assert.equal(without.status, 404)
        for (const ifMatch of [tag, foreignTag, '*'])
          assertRefused(await change(thing, verb, { 'If-Match': ifMatch }), 404, without.json.error.code)
      })
  }
})

describe('What is changed at once by many who read the same', () => {
  for (const [index, { resource, verb, name }] of operations.filter(({ verb: one }) => one === 'PATCH' || one === 'PUT').entries())
    it(`is changed by one of them: ${name}`, async () => {
      const thing = await (changeables[resource.path]?.(server) ?? assert.fail())
      const tag = await tagOf(thing)
      // What is changed into what it was is not another; so each changes it into what it never was.
      const first = 1000 * (index + 1)
      const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => change(thing, verb, { 'If-Match': tag }, first + n)))
      assert.equal(answers.filter(({ status }) => status === 412).length, 39)
      const won = first + answers.findIndex(({ status }) => status < 300)
      const { json } = await ask(server, `GET ${thing.path}`, { token: thing.token })
      for (const [member, value] of Object.entries(thing.body(won))) assert.deepEqual(json[member], value)
    })

  for (const { resource, name } of operations.filter(
    ({ resource: of, verb }) => verb === 'DELETE' && operations.some((other) => other.resource === of && other.verb === 'PATCH'),
  ))
    it(`is changed or removed by one of those who try both: ${name}`, async () => {
      const thing = await (changeables[resource.path]?.(server) ?? assert.fail())
      const tag = await tagOf(thing)
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) => change(thing, n % 2 === 0 ? 'PATCH' : 'DELETE', { 'If-Match': tag }, n)),
      )
      assert.equal(answers.filter(({ status }) => status < 300).length, 1)
      for (const { status } of answers) assert.ok([200, 204, 404, 412].includes(status))
    })

  it('keeps every addition where each who is refused reads again and tries again', async () => {
    const make = changeables['/users/{user}/profile/emails'] ?? assert.fail()
    const thing = await make(server)
    const add = async (n: number): Promise<void> => {
      const { json } = await ask(server, `GET ${thing.path}`, { token: thing.token })
      const displayName = `${json.displayName ?? ''}[${n}]`
      const { status } = await ask(server, `PATCH ${thing.path}`, {
        token: thing.token,
        headers: { 'If-Match': json['@odata.etag'] },
        body: { displayName },
      })
      if (status === 412) return add(n)
      assert.equal(status, 200)
    }
    await Promise.all(Array.from({ length: 12 }, (_, n) => add(n)))
    const { json } = await ask(server, `GET ${thing.path}`, { token: thing.token })
    for (let n = 0; n < 12; n++) assert.ok(json.displayName.includes(`[${n}]`), json.displayName)
  })
})
