import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseDateTime, renderDateTime, sortableTime } from '../../src/model/time.ts'

describe('A time', () => {
  const read: Readonly<Record<string, string>> = {
    '2026-01-31T12:00:00Z': '2026-01-31T12:00:00Z',
    '2026-01-31t12:00:00z': '2026-01-31T12:00:00Z',
    '2026-01-31T12:00Z': '2026-01-31T12:00:00Z',
    '2026-01-31T12:00:00.5Z': '2026-01-31T12:00:00.5Z',
    '2026-01-31T12:00:00.1234567Z': '2026-01-31T12:00:00.1234567Z',
    '2026-01-31T12:00:00.123456789Z': '2026-01-31T12:00:00.1234567Z',
    '2026-01-31T12:00:00.000Z': '2026-01-31T12:00:00Z',
    '2026-01-31T12:00:00.1200Z': '2026-01-31T12:00:00.12Z',
    '2017-01-01T00:00:46.1697867+03:00': '2016-12-31T21:00:46.1697867Z',
    '2016-12-31T23:58:46.8102575-03:30': '2017-01-01T03:28:46.8102575Z',
    '2026-01-31T12:00:00+00:00': '2026-01-31T12:00:00Z',
    '2024-02-29T00:00:00Z': '2024-02-29T00:00:00Z',
    '0001-01-01T00:00:00Z': '0001-01-01T00:00:00Z',
    '0001-01-01T00:00:00+01:00': '0000-12-31T23:00:00Z',
    '9999-12-31T23:59:59.9999999Z': '9999-12-31T23:59:59.9999999Z',
  }
  for (const [text, expected] of Object.entries(read))
    it(`${text} is ${expected}`, () => {
      assert.equal(parseDateTime(text), expected)
    })

  for (const text of [
    '',
    'now',
    '2026-01-31',
    '2026-01-31T12:00:00',
    '2026-01-31 12:00:00Z',
    '2026-1-31T12:00:00Z',
    '2026-02-29T12:00:00Z',
    '2026-02-31T12:00:00Z',
    '2026-13-01T12:00:00Z',
    '2026-00-01T12:00:00Z',
    '2026-01-00T12:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T12:60:00Z',
    '2026-01-31T12:00:60Z',
    '2026-01-31T12:00:00.Z',
    '2026-01-31T12:00:00+24:00',
    '2026-01-31T12:00:00+0300',
    '2026-01-31T12:00:00Z ',
    ' 2026-01-31T12:00:00Z',
    '2026-01-31T12:00:00Z\n',
    '+02026-01-31T12:00:00Z',
    '٢٠٢٦-01-31T12:00:00Z',
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
  ])
    it(`${JSON.stringify(text)} is none`, () => {
      assert.equal(parseDateTime(text), undefined)
    })

  it('of the clock is written in the form in which it is read', () => {
    const base = Date.parse('2026-01-31T12:00:05Z')
    const written = [0, 500, 570, 571].map((milliseconds) => renderDateTime(base + milliseconds))
    assert.deepEqual(written, ['2026-01-31T12:00:05Z', '2026-01-31T12:00:05.5Z', '2026-01-31T12:00:05.57Z', '2026-01-31T12:00:05.571Z'])
    assert.deepEqual(written.map(parseDateTime), written)
  })

  it('sorts as text by the order of time', () => {
    const times = [
      '2026-01-31T12:00:00Z',
      '2026-01-31T12:00:00.0000001Z',
      '2026-01-31T12:00:00.1Z',
      '2026-01-31T12:00:00.12Z',
      '2026-01-31T12:00:01Z',
    ]
    const sortable = times.map(sortableTime)
    assert.deepEqual([...sortable].sort(), sortable)
    for (const text of sortable) assert.match(text, /\.\d{7}Z$/)
    assert.deepEqual(sortable.map(parseDateTime), times)
  })
})
