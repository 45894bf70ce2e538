/** The ring of signing keys on a real database: rotation by the clock, by several processes at once, and attacks on what is sealed. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { keyLifetimeMilliseconds, leadMilliseconds, longestTokenMilliseconds } from '../../../src/auth/key-ring.ts'
import { makeSigningKey, ownIssuer, signToken } from '../../../src/auth/own-key.ts'
import { createSeals } from '../../../src/auth/sealing.ts'
import { openSigningKeys, type SigningKeys } from '../../../src/auth/signing-keys.ts'
import { createAuthenticate } from '../../../src/auth/token.ts'
import { GraphError, StartError } from '../../../src/errors.ts'
import type { Event } from '../../../src/observe.ts'
import { randomness } from '../../../src/randomness.ts'
import { signingKeysIn } from '../../../src/store/tables/signing-keys.ts'
import { startServer } from '../../support/server.ts'

const [first, second] = ['1'.repeat(32), '2'.repeat(32)]
const audience = 'https://graph.microsoft.com'
const minute = 60_000

/** A database of its own with a clock of its own, and rings on it as several processes have them. */
async function scene() {
  const { app } = await startServer({ settings: { SELFGRAPH_DEMO: '0', SELFGRAPH_HTTPS_PORT: '0' } })
  const clock = { now: Date.UTC(2026, 0, 1) }
  const events: Event[] = []
  const store = signingKeysIn(app.database)
  const now = () => clock.now
  const open = (secrets: readonly [string, ...string[]] = [first], takeOver?: Awaited<ReturnType<typeof makeSigningKey>>) =>
    openSigningKeys(
      {
        store,
        seals: createSeals(secrets, randomness.randomOctets),
        now,
        ...randomness,
        observe: (event) => void events.push(event),
      },
      takeOver,
    )
  /** As the process would read it when a request comes. */
  const renew = async (...rings: readonly SigningKeys[]) => {
    for (const { source } of rings) source.refreshIfStale()
    await Promise.all(rings.map((ring) => ring.settled()))
  }
  return { database: app.database, clock, now, events, store, open, renew }
}

const claimsAt = (now: number, lifetimeSeconds: number) => ({
  iss: ownIssuer,
  aud: audience,
  exp: Math.floor(now / 1000) + lifetimeSeconds,
  tid: 'tenant',
  oid: 'kim',
  scp: 'User.Read',
})

const asker = (ring: SigningKeys, now: () => number) => {
  const authenticate = createAuthenticate({ sources: [ring.source], audiences: [audience], now })
  return async (token: string): Promise<boolean> => {
    try {
      return (await authenticate(`Bearer ${token}`)).kind === 'user'
    } catch (error) {
      assert.ok(error instanceof GraphError)
      return false
    }
  }
}

const idsOf = (ring: SigningKeys) => ring.published().keys.map(({ kid }) => kid)

describe('The ring of signing keys', () => {
  it('is made once by processes that start at once, and is the same for all', async () => {
    const { open, store } = await scene()
    const rings = await Promise.all([open(), open(), open(), open()])
    assert.equal((await store.rows()).length, 1)
    assert.equal(new Set(rings.map((ring) => idsOf(ring).join())).size, 1)
  })

  it('gets one next key, however many processes rotate at once, and each verifies what any signs', async () => {
    const { open, store, clock, now, renew } = await scene()
    const rings = [await open(), await open(), await open()]
    const verifiers = rings.map((ring) => asker(ring, now))
    for (let round = 1; round <= 2; round++) {
      clock.now += keyLifetimeMilliseconds - leadMilliseconds
      await renew(...rings)
      const rows = await store.rows()
      assert.deepEqual([rows.length, rows.at(-1)?.number], [2, round + 1])
      for (let step = 0; step < 2; step++) {
        for (const ring of rings) {
          const token = await ring.sign(claimsAt(clock.now, 600))
          for (const verify of verifiers) assert.equal(await verify(token), true)
        }
        clock.now += leadMilliseconds
        await renew(...rings)
      }
      // The retired key has gone: what follows begins with one key again.
      clock.now += longestTokenMilliseconds
      await renew(...rings)
      assert.equal((await store.rows()).length, 1)
    }
  })

  it('is read again by time, and at once where a token names a key that is unknown', async () => {
    const { open, store, clock, now, renew } = await scene()
    const [one, other] = [await open(), await open()]
    const [firstRow] = await store.rows()
    assert.ok(firstRow !== undefined)
    clock.now += minute / 4
    // Another process rotates at once.
    const seals = createSeals([first], randomness.randomOctets)
    const key = await makeSigningKey(randomness)
    await store.add({ number: 2, id: key.kid, signsAt: clock.now, sealed: seals.seal(`signing key/${key.kid}`, JSON.stringify(key)) })
    const token = await signToken(key, claimsAt(clock.now, 600))
    assert.equal(await asker(one, now)(token), true)
    assert.deepEqual(idsOf(other), [firstRow.id])
    await renew(other)
    assert.deepEqual(idsOf(other), [firstRow.id], 'it is read again after half a minute')
    clock.now += minute / 2
    await renew(other)
    assert.deepEqual(idsOf(other), [firstRow.id, key.kid])
  })

  it('reads the database once in a while only, however many tokens name unknown keys', async () => {
    const { open, now, clock, store } = await scene()
    const verify = asker(await open(), now)
    const stranger = await signToken(await makeSigningKey(randomness), claimsAt(now(), 600))
    let reads = 0
    const { rows } = store
    Object.assign(store, {
      rows: () => {
        reads++
        return rows()
      },
    })
    const ask = async () => {
      for (let count = 0; count < 50; count++) assert.equal(await verify(stranger), false)
      return reads
    }
    assert.equal(await ask(), 0, 'it was read at this very moment')
    clock.now += 100
    assert.equal(await ask(), 1)
  })

  it('refuses a token of a retired key when its time is over, also one that was accepted before', async () => {
    const { open, clock, now, renew } = await scene()
    const ring = await open()
    const verify = asker(ring, now)
    clock.now += keyLifetimeMilliseconds - leadMilliseconds
    await renew(ring)
    clock.now += leadMilliseconds - 1
    const token = await ring.sign(claimsAt(clock.now, 10 * 365 * 24 * 3600))
    clock.now += longestTokenMilliseconds
    assert.equal(await verify(token), true)
    assert.equal(await verify(token), true)
    clock.now += 1
    assert.equal(await verify(token), false)
  })

  it('refuses tokens of a key that another process revoked, within a minute', async () => {
    const { open, store, clock, now } = await scene()
    const ring = await open()
    const verify = asker(ring, now)
    const token = await ring.sign(claimsAt(clock.now, 3600))
    assert.equal(await verify(token), true)
    for (const row of await store.rows()) await store.drop(row)
    clock.now += minute + 1
    assert.equal(await verify(token), false)
  })

  it('publishes public members only', async () => {
    const { open } = await scene()
    for (const key of (await open()).published().keys) assert.deepEqual(Object.keys(key).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use'])
  })

  it('seals anew what a previous secret sealed, once, and opens it with the new one alone from then on', async () => {
    const { open, store } = await scene()
    const before = idsOf(await open([first]))
    const [row] = await store.rows()
    const rings = await Promise.all([open([second, first]), open([second, first])])
    const [anew] = await store.rows()
    assert.notEqual(anew?.sealed, row?.sealed)
    for (const ring of [...rings, await open([second])]) assert.deepEqual(idsOf(ring), before)
    await assert.rejects(open([first]), StartError)
  })

  it('takes a key from before over as the one that signs, and one beside a ring as one that is retired', async () => {
    const { open, now, clock } = await scene()
    const [old, stranger] = [await makeSigningKey(randomness), await makeSigningKey(randomness)]
    const rings = await Promise.all([open([first], old), open([first], old)])
    assert.deepEqual(
      rings.map((ring) => idsOf(ring)),
      [[old.kid], [old.kid]],
    )
    const ring = await open([first], stranger)
    const verify = asker(ring, now)
    for (const key of [old, stranger]) assert.equal(await verify(await signToken(key, claimsAt(clock.now, 600))), true)
    const [header = ''] = (await ring.sign(claimsAt(clock.now, 600))).split('.')
    assert.equal(JSON.parse(Buffer.from(header, 'base64url').toString()).kid, old.kid)
  })

  it('never trusts a row that was copied, damaged or sealed by somebody else: a start is refused, a running server leaves it out', async () => {
    const { open, store, clock, now, renew, events, database } = await scene()
    const ring = await open()
    const [row] = await store.rows()
    assert.ok(row !== undefined)
    const forger = await makeSigningKey(randomness)
    const foreign = createSeals([second], randomness.randomOctets).seal(`signing key/${forger.kid}`, JSON.stringify(forger))
    for (const [id, sealed] of [
      ['copied', row.sealed],
      [forger.kid, foreign],
      [forger.kid, JSON.stringify(forger)],
      ['cut', row.sealed.slice(0, -9)],
    ] as const) {
      await store.add({ number: 0, id, signsAt: clock.now, sealed })
      await assert.rejects(open(), StartError, id)
      clock.now += minute
      await renew(ring)
      assert.deepEqual(idsOf(ring), [row.id])
      assert.equal(await asker(ring, now)(await signToken(forger, claimsAt(clock.now, 600))), false)
      assert.ok(events.some(({ kind }) => kind === 'keysUnusable'))
      await database.change('nobody', sql`DELETE FROM signing_keys WHERE number = 0`)
    }
  })
})
