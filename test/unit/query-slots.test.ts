import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { type ErrorName, GraphError } from '../../src/errors.ts'
import type { Asker } from '../../src/model/asker.ts'
import { QuerySlots } from '../../src/store/query-slots.ts'

interface Client extends Asker {
  leave(): void
}

function client(tenantId: string, user: string): Client {
  const controller = new AbortController()
  return { tenantId, name: `${tenantId}/${user}`, gone: () => controller.signal, leave: () => controller.abort() }
}

/** Work that ends when the test says so; as an engine it ends, too, once it was told to stop. */
class Work {
  readonly begun: string[] = []
  readonly stopped: string[] = []
  readonly slots: QuerySlots
  readonly #ends = new Map<string, () => void>()

  constructor(slots: QuerySlots) {
    this.slots = slots
  }

  ask(asker: Asker, name: string): Promise<string> {
    const asked = this.slots.run(
      (stop) =>
        new Promise<string>((resolve, reject) => {
          this.begun.push(name)
          this.#ends.set(name, () => resolve(name))
          stop.addEventListener('abort', () => {
            this.stopped.push(name)
            reject(new Error('stopped'))
          })
        }),
      asker,
    )
    asked.catch(() => undefined)
    return asked
  }

  async end(name: string): Promise<void> {
    this.#ends.get(name)?.()
    await turn()
  }
}

const refusedAs = (kind: ErrorName) => (error: unknown) => error instanceof GraphError && error.kind === kind
const unlimited = 1_000_000

describe('The slots for long questions', () => {
  it('are never all held by one asker', async () => {
    const work = new Work(new QuerySlots({ most: 3, milliseconds: unlimited }))
    const [kim, lee] = [client('contoso', 'kim'), client('contoso', 'lee')]
    for (const name of ['k1', 'k2', 'k3', 'k4']) void work.ask(kim, name)
    assert.deepEqual(work.begun, ['k1', 'k2'])
    void work.ask(lee, 'l1')
    assert.deepEqual(work.begun, ['k1', 'k2', 'l1'])
    work.slots.close()
  })

  it('go round the tenants first, then round the askers of each', async () => {
    const work = new Work(new QuerySlots({ most: 2, milliseconds: unlimited }))
    for (const n of [1, 2, 3]) for (const asker of ['a', 'b', 'c']) void work.ask(client('contoso', asker), `${asker}${n}`)
    for (const n of [1, 2]) void work.ask(client('fabrikam', 'j'), `j${n}`)
    for (let n = 0; n < work.begun.length; n++) await work.end(work.begun[n] ?? '')
    assert.equal(work.begun.join(' '), 'a1 b1 j1 c1 j2 a2 b2 c2 a3 b3 c3')
  })

  it('have 20 questions of one asker running or waiting, and refuse one more until one of them is done', async () => {
    const work = new Work(new QuerySlots({ most: 2, milliseconds: unlimited }))
    const kim = client('contoso', 'kim')
    const asked = Array.from({ length: 20 }, (_, n) => work.ask(kim, `k${n}`))
    await assert.rejects(work.ask(kim, 'k20'), refusedAs('tooManyRequests'))
    void work.ask(client('contoso', 'lee'), 'l0')
    assert.deepEqual(work.begun, ['k0', 'l0'])
    await work.end('k0')
    assert.equal(await asked[0], 'k0')
    void work.ask(kim, 'k21')
    await assert.rejects(work.ask(kim, 'k22'), refusedAs('tooManyRequests'))
    work.slots.close()
  })

  it('have 200 questions waiting, and refuse one more', async () => {
    const work = new Work(new QuerySlots({ most: 2, milliseconds: unlimited }))
    for (let n = 0; n < 202; n++) void work.ask(client('contoso', `u${n}`), `q${n}`)
    await assert.rejects(work.ask(client('fabrikam', 'jo'), 'more'), refusedAs('unavailable'))
    await work.end('q0')
    void work.ask(client('fabrikam', 'jo'), 'again')
    await work.end('q1')
    assert.equal(work.begun.at(-1), 'again')
    work.slots.close()
  })

  it('are left by questions whose client has gone, whether they run or wait', async () => {
    const work = new Work(new QuerySlots({ most: 1, milliseconds: unlimited }))
    const [runs, waits, stays] = [client('contoso', 'a'), client('contoso', 'b'), client('contoso', 'c')]
    const abandoned = [work.ask(runs, 'runs'), work.ask(waits, 'waits')]
    void work.ask(stays, 'stays')
    waits.leave()
    runs.leave()
    for (const asked of abandoned) await assert.rejects(asked, refusedAs('timeout'))
    await turn()
    assert.deepEqual([work.begun, work.stopped], [['runs', 'stays'], ['runs']])
    await assert.rejects(work.ask(runs, 'late'), refusedAs('timeout'))
    work.slots.close()
  })

  it('are given back when the work has ended, not when it was told to', async () => {
    const slots = new QuerySlots({ most: 1, milliseconds: unlimited })
    let end = () => {}
    const kim = client('contoso', 'kim')
    const stubborn = slots.run(() => new Promise<void>((resolve) => (end = resolve)), kim)
    kim.leave()
    await assert.rejects(stubborn, refusedAs('timeout'))
    const next = slots.run(async () => 'next', client('contoso', 'lee'))
    assert.equal(await Promise.race([next, turn('waits')]), 'waits')
    end()
    assert.equal(await next, 'next')
  })

  it('are left by a question that has run for as long as it may, with words that say how to narrow it', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] })
    const work = new Work(new QuerySlots({ most: 1, milliseconds: 3_000 }))
    const asked = work.ask(client('contoso', 'kim'), 'k')
    test.mock.timers.tick(2_999)
    assert.deepEqual(work.stopped, [])
    test.mock.timers.tick(1)
    assert.deepEqual(work.stopped, ['k'])
    await assert.rejects(
      asked,
      (error: unknown) => refusedAs('queryTooLong')(error) && /longer than 3 seconds\. Narrow it: /.test(String(error)),
    )
  })

  it('are not waited for longer than twice that', async (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] })
    const slots = new QuerySlots({ most: 1, milliseconds: 3_000 })
    void slots.run(() => new Promise(() => undefined), client('contoso', 'stubborn')).catch(() => undefined)
    const waits = slots.run(async () => 'never', client('contoso', 'kim'))
    waits.catch(() => undefined)
    test.mock.timers.tick(5_999)
    assert.equal(await Promise.race([waits, turn('waits')]), 'waits')
    test.mock.timers.tick(1)
    await assert.rejects(waits, refusedAs('unavailable'))
  })

  it('are all left, and nothing is taken any more, when the database is closed', async () => {
    const work = new Work(new QuerySlots({ most: 1, milliseconds: unlimited }))
    const asked = [work.ask(client('contoso', 'a'), 'a'), work.ask(client('contoso', 'b'), 'b')]
    work.slots.close()
    asked.push(work.ask(client('contoso', 'c'), 'c'))
    for (const each of asked) await assert.rejects(each, refusedAs('unavailable'))
    assert.deepEqual([work.begun, work.stopped], [['a'], ['a']])
  })
})
