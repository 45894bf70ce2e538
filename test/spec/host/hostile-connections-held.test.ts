/** Connections that are held without a use: each has its limit, none is left open, and none keeps a server from ending. */

import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { openCertificate } from '../../../src/http/certificate.ts'
import { type Listening, listen } from '../../../src/http/server.ts'
import type { Timeouts } from '../../../src/http/timeouts.ts'
import { randomness } from '../../../src/randomness.ts'
import { hold, holding, type Kind, kinds, type Scheme } from '../../support/held.ts'
import { startServer, token } from '../../support/server.ts'
import { open, sendOnce } from '../../support/wire.ts'

const server = await startServer({
  settings: { SELFGRAPH_MAX_CONNECTIONS: '20', SELFGRAPH_DATABASE_TIMEOUT: '1', SELFGRAPH_QUERY_TIMEOUT: '1' },
})
const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })
const live = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n'
const certificate = await openCertificate({
  folder: server.folder,
  certFile: undefined,
  keyFile: undefined,
  host: 'localhost',
  now: server.now(),
  ...randomness,
})

async function listenWith(scheme: Scheme, timeouts: Partial<Timeouts>): Promise<Listening & { readonly origin: string }> {
  const listening = await listen(
    server.app,
    [{ scheme, host: '127.0.0.1', port: 0, ...(scheme === 'https' ? { certificate } : {}) }],
    timeouts,
  )
  return { ...listening, origin: listening.urls[0] ?? '' }
}

const cases = Object.entries(kinds).flatMap(([says, kind]) => kind.on.map((scheme) => ({ says, kind, scheme })))
/** Far beyond each limit below: a rule that fails ends by this. */
const timeout = 20_000

/** Opens five such connections. */
async function holdSome(kind: Kind, origin: string): Promise<void> {
  await Promise.all(Array.from({ length: 5 }, () => hold(kind, origin, kim)))
}

describe('A connection', { concurrency: 4 }, () => {
  const hurry = { headers: 300, request: 500, keepAlive: 300, silence: 500, linger: 200, checks: 50, accept: 0, idle: 0, stop: 0 }
  for (const { says, kind, scheme } of cases)
    it(`${says} (${scheme}) is ended by its limit, though the client keeps its side open`, { timeout }, async () => {
      // Clients that do their handshake have time for it, on a machine that is busy too.
      const { origin, stop } = await listenWith(scheme, { ...hurry, handshake: kind.raw ? 300 : timeout })
      after(stop)
      await holdSome(kind, origin)
      await holding(origin, 0)
    })
})

describe('A server that is asked to end', { concurrency: 4 }, () => {
  const never = 3_600_000
  const patient = { handshake: never, headers: never, request: never, keepAlive: never, silence: never, linger: never, checks: 50 }
  for (const { says, kind, scheme } of cases) {
    const begun = kind.begun === true
    it(`does not wait ${begun ? 'longer than it would for a request' : 'at all'} for a client ${says} (${scheme})`, {
      timeout,
    }, async () => {
      const { origin, stop } = await listenWith(scheme, { ...patient, accept: 10, idle: 100, stop: begun ? 500 : never })
      await holdSome(kind, origin)
      await pause(100)
      await stop()
      await holding(origin, 0)
    })
  }
})

describe('Connections beyond SELFGRAPH_MAX_CONNECTIONS', () => {
  it('are closed without an answer and told of once, while those before them are served and leave their places', { timeout }, async () => {
    const { origin, stop } = await listenWith('http', {})
    after(stop)
    const first = Array.from({ length: 20 }, () => open(origin))
    await holding(origin, 20)
    for (let n = 0; n < 30; n++) await open(origin).closed()
    const [told, ...more] = server.log.filter((line) => line.includes('connectionsRefused')).map((line) => JSON.parse(line))
    assert.deepEqual([told.level, told.refused, more], ['warn', 1, []])
    for (const wire of first) {
      wire.send(live)
      assert.equal((await wire.answer()).status, 200)
    }
    first[0]?.end()
    await holding(origin, 19)
    assert.equal((await sendOnce(origin, live)).status, 200)
    server.advance(60_000)
    await holding(origin, 19)
    first[0] = open(origin)
    await holding(origin, 20)
    await open(origin).closed()
    const [, again] = server.log.filter((line) => line.includes('connectionsRefused')).map((line) => JSON.parse(line))
    assert.equal(again.refused, 30)
    for (const wire of first) wire.end()
  })
})
