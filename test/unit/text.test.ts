/** Normal forms of texts, and what they cost. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fold } from '../../src/model/address.ts'
import { isSameName, normalForm } from '../../src/model/text.ts'

const [acute, below, joiner] = ['\u0301', '\u0323', '\u034f']
/** In the order that takes the most work to sort. */
const marks = (count: number) => (acute + below).repeat(count).slice(0, count)

describe('The normal form', () => {
  it('is NFC up to 30 combining marks in a row', () => {
    for (const text of [
      '',
      'kim',
      'e\u0301',
      'q\u0301\u0323',
      'ا\u0651\u064b',
      '\u1100\u1161\u11a8',
      `a${marks(30)}`,
      `a${marks(30)}b${marks(30)}`,
    ])
      assert.equal(normalForm(text), text.normalize('NFC'))
  })

  it('has a joiner after 30 marks where a 31st follows, so that no longer run is ever sorted', () => {
    assert.equal(normalForm(`x${marks(31)}`), `x${marks(30)}${joiner}${acute}`.normalize('NFC'))
    for (const text of [`a${marks(100_000)}`, marks(100_000), '\u0344\u0323'.repeat(50_000), '\u05b0\u0301'.repeat(50_000)])
      for (const run of normalForm(text).split(joiner)) assert.ok([...run].length <= 2 * 30 + 1, `a run of ${run.length}`)
  })

  it('stays as it is when it is made again', () => {
    for (const count of [29, 30, 31, 60, 61, 1000])
      for (const first of ['', 'a', 'x']) {
        assert.equal(normalForm(normalForm(first + marks(count))), normalForm(first + marks(count)))
        assert.equal(fold(fold(first + marks(count))), fold(first + marks(count)))
      }
  })
})

describe('Names', () => {
  it('are the same without regard to case, and only where they are equally long', () => {
    assert.ok(isSameName('displayName', 'DISPLAYNAME'))
    assert.ok(!isSameName('displayName', 'displayNames'))
    assert.ok(!isSameName('i', 'İ'))
  })
})
