import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Pace } from '../../src/pace.ts'

/** What was done in each turn of the event loop, by the letter of the asker. */
async function turnsOf(asked: readonly (readonly [name: string, units: number])[]): Promise<readonly string[]> {
  const pace = new Pace()
  const turns = ['']
  let left = asked.length
  for (const [name, units] of asked)
    void pace.take({ name }, units).then(() => {
      turns[turns.length - 1] += name
      left--
    })
  for (;;) {
    await Promise.resolve()
    if (left === 0) return turns.filter((done) => done !== '')
    turns.push('')
    await turn()
  }
}

describe('Long work', () => {
  it('does so much in a turn, whoever asks, and goes on in the next', async () => {
    assert.deepEqual(await turnsOf(Array.from({ length: 10 }, () => ['a', 50] as const)), ['aaaa', 'aaaa', 'aa'])
  })

  it('of several askers is done in turn, one piece each', async () => {
    const many = Array.from({ length: 8 }, () => ['a', 100] as const)
    assert.equal((await turnsOf([...many, ['b', 100], ['c', 100], ['b', 100]])).join(''), 'aaabcabaaaa')
  })

  it('has a turn to itself where a piece is larger than one', async () => {
    assert.deepEqual(
      await turnsOf([
        ['a', 500],
        ['b', 1],
        ['a', 500],
        ['b', 1],
      ]),
      ['a', 'ba', 'b'],
    )
  })

  it('waits for nothing where there is little of it', async () => {
    assert.deepEqual(await turnsOf([['a', 10]]), ['a'])
  })
})
