import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Lifetimes } from '../../src/cli/lifetimes.ts'
import type { Event } from '../../src/observe.ts'
import { movableClock } from '../support/clock.ts'

function house() {
  const clock = movableClock()
  const events: Event[] = []
  const told: string[] = []
  const lifetimes = new Lifetimes(clock, (event) => void events.push(event))
  const part = (name: string, { start, stop }: { start?: () => Promise<unknown>; stop?: () => Promise<void> } = {}) =>
    lifetimes.start({
      name,
      start: async () => {
        told.push(`start ${name}`)
        await start?.()
        return name
      },
      stop: async (started) => {
        told.push(`stop ${started}`)
        await stop?.()
      },
      stopMilliseconds: 1_000,
    })
  return { clock, events, told, lifetimes, part }
}

const never = () => new Promise<void>(() => undefined)

describe('The parts of the program', () => {
  it('start in order, each with what the ones before it made, and stop in the reverse order, one after the other', async () => {
    const { told, lifetimes, part, clock, events } = house()
    assert.equal(await part('database'), 'database')
    await part('jobs', {
      stop: async () => {
        await setImmediate()
        told.push('jobs have stopped')
      },
    })
    await part('listeners')
    assert.deepEqual(await lifetimes.stop(), [])
    assert.deepEqual(told, [
      'start database',
      'start jobs',
      'start listeners',
      'stop listeners',
      'stop jobs',
      'jobs have stopped',
      'stop database',
    ])
    assert.deepEqual(events, [])
    assert.equal(clock.waiting(), 0)
  })

  it('stop once, however often they are asked to', async () => {
    const { told, lifetimes, part } = house()
    await part('database')
    assert.equal(lifetimes.stop(), lifetimes.stop())
    await lifetimes.stop()
    assert.deepEqual(told, ['start database', 'stop database'])
  })

  it('that have started are stopped when one does not start, and its error is what is told', async () => {
    const { told, part } = house()
    await part('database', { stop: () => Promise.reject(new Error('and the database does not close')) })
    await part('jobs')
    await assert.rejects(part('listeners', { start: () => Promise.reject(new Error('no port')) }), { message: 'no port' })
    assert.deepEqual(told, ['start database', 'start jobs', 'start listeners', 'stop jobs', 'stop database'])
  })

  it('that have started are stopped when what comes between two of them fails', async () => {
    const { told, lifetimes, part } = house()
    const starting = lifetimes.guard(async () => {
      await part('database')
      throw new Error('no certificate')
    })
    await assert.rejects(starting, { message: 'no certificate' })
    assert.deepEqual(told, ['start database', 'stop database'])
  })

  it('are left behind when they never stop: after their bound, with an event, and those before them stop', async () => {
    const { clock, events, told, lifetimes, part } = house()
    await part('database')
    await part('jobs', { stop: never })
    await part('listeners', { stop: never })
    let left: readonly string[] | undefined
    const stopped = lifetimes.stop().then((names) => {
      left = names
    })
    for (const milliseconds of [999, 1, 999]) {
      await setImmediate()
      clock.advance(milliseconds)
    }
    await setImmediate()
    assert.deepEqual(told.slice(3), ['stop listeners', 'stop jobs'])
    assert.equal(left, undefined)
    clock.advance(1)
    await stopped
    assert.deepEqual(left, ['listeners', 'jobs'])
    assert.equal(told.at(-1), 'stop database')
    assert.deepEqual(events, [
      { kind: 'leftBehind', part: 'listeners', milliseconds: 1_000 },
      { kind: 'leftBehind', part: 'jobs', milliseconds: 1_000 },
    ])
  })

  it('all stop when one of them fails to, and its error is told then', async () => {
    const { told, lifetimes, part } = house()
    await part('database')
    await part('jobs', { stop: () => Promise.reject(new Error('jobs')) })
    await part('listeners', { stop: () => Promise.reject(new Error('listeners')) })
    await assert.rejects(lifetimes.stop(), { message: 'listeners' })
    assert.deepEqual(told.slice(3), ['stop listeners', 'stop jobs', 'stop database'])
  })
})
