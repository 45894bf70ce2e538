/**
 * Anything at all, over real HTTP: random paths, queries, headers and bodies, near what is served and far from it.
 * Whatever comes in, the answer is never a defect of the server, and every refusal has Graph's form. A failure prints
 * the seed and the smallest request that fails; `{ seed, path }` beside `numRuns` (support/property.ts) brings it back.
 */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type AnyRequest, anyRequest } from '../../support/anything.ts'
import { ask } from '../../support/ask.ts'
import { holds } from '../../support/property.ts'
import { startServer, token } from '../../support/server.ts'
import { open, type WireAnswer } from '../../support/wire.ts'

const server = await startServer()
const own =
  'User.ReadWrite User.Read.All UserAuthenticationMethod.ReadWrite UserAuthenticationMethod.ReadWrite.All Policy.ReadWrite.AuthenticationMethod'
const wids = ['Authentication Policy Administrator', 'Privileged Authentication Administrator'] as const
const tokens = [
  await token(server, 'kim', { scope: own, mfa: true, wids }),
  await token(server, 'kim', { scope: own, mfa: true }),
  await token(server, 'ari', { scope: own, mfa: true }),
  await token(server, 'globaladmin', {
    scope: 'User.ReadWrite.All Group.ReadWrite.All Directory.ReadWrite.All RoleManagement.ReadWrite.Directory',
  }),
  await token(server, 'jo', { scope: 'User.Read' }),
  await token(server, 'kim', { roles: own.split(' ') }),
  await token(server, 'sam', { scope: own }),
]
/** Of somebody whom none of the requests can take away. */
const bystander = await token(server, 'helpdesk', { scope: 'User.Read' })

async function send({ method, url, headers, body }: AnyRequest, bearer: string | undefined): Promise<WireAnswer> {
  const octets = Buffer.from(body)
  const lines = [
    ...[`${method} ${url} HTTP/1.1`, 'Host: localhost', `Content-Length: ${octets.length}`],
    ...(bearer === undefined ? [] : [`Authorization: Bearer ${bearer}`]),
    ...(headers.some(([name]) => name === 'Content-Type') ? [] : ['Content-Type: application/json']),
    ...headers.map(([name, text]) => `${name}: ${text}`),
  ]
  const wire = open(server.http)
  try {
    wire.send(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), octets]))
    let answer = await wire.answer({ bodiless: method === 'HEAD' })
    while (answer.status === 100) answer = await wire.answer({ bodiless: method === 'HEAD' })
    return answer
  } finally {
    wire.end()
  }
}

function assertSound({ status, headers, json, text }: WireAnswer, { method }: AnyRequest): void {
  assert.ok(status < 500 || status === 501, `${status} ${text}`)
  if (method !== 'OPTIONS') assert.match(headers['request-id'] ?? '', /^[0-9a-f-]{36}$/)
  if (status < 400 || method === 'HEAD') return
  assert.equal(headers['content-type'], 'application/json')
  assert.match(json.error.code, /^\w+$/)
  assert.ok(typeof json.error.message === 'string' && json.error.message.length > 0)
  assert.deepEqual(Object.keys(json.error.innerError), ['date', 'request-id', 'client-request-id'])
  assert.equal(json.error.innerError['request-id'], headers['request-id'])
  assert.ok(text.isWellFormed() && !/\bat .*\.[tj]s:\d/.test(text), 'it tells nothing of the inside')
  assert.equal(headers['www-authenticate'] !== undefined, status === 401)
}

describe('Anything that a client may send', () => {
  it('has an answer at once, which is never a defect, and in the form of a Graph error where it is a refusal', async () => {
    const bearer = fc.constantFrom(...tokens, ...tokens, ...tokens, 'garbage', undefined)
    let served = 0
    const property = fc.asyncProperty(anyRequest, bearer, async (sent, by) => {
      const answer = await send(sent, by)
      assertSound(answer, sent)
      if (answer.status < 300 && sent.method !== 'OPTIONS') served++
    })
    await holds(property, { what: 'requests', runs: 1_500 })
    assert.ok(served > 0, 'some of them are served, or they are not near enough to what is')
  })

  it('leaves a server that works, and nothing in its log to mend', async () => {
    assert.equal((await ask(server, 'GET /v1.0/me', { token: bystander })).status, 200)
    assert.deepEqual(
      server.log.filter((line) => line.includes('"failed"')),
      [],
    )
  })
})
