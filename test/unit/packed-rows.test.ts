/** Rows that are kept as text: they come back as they were. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type Cells,
  cellsOf,
  headsOf,
  isPacked,
  type PackedRows,
  PackedRowsBuilder,
  packRows,
  pickRows,
  textOf,
} from '../../src/store/packed-rows.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary' }).filter((found) => found.isWellFormed()),
  fc.stringMatching(/^[\\\n\r\tNnrt]{0,6}$/),
  fc.constant(''),
)
/** Two texts, and what else a row may hold. */
const row: fc.Arbitrary<Cells> = fc.tuple(text, text, fc.option<string>(text), fc.integer(), text)
const rows = fc.array(row, { maxLength: 20 })

/** Numbers have become texts. */
const asTexts = (cells: readonly Cells[]) => cells.map((row) => row.map((cell) => (cell === null ? null : String(cell))))

function kept(found: readonly Cells[] | PackedRows): PackedRows {
  assert.ok(isPacked(found))
  return found
}

describe('Packed rows', () => {
  it('come back as they were, whatever their texts hold', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const packed = packRows(given)
        assert.equal(packed.length, given.length)
        assert.deepEqual(cellsOf(packed), asTexts(given))
      }),
    )
  })

  it('are the text that COPY takes', () => {
    const given = [
      ['a\tb', 'c\\d', null, 7, 'e\nf\rg'],
      ['\\N', '', 'Ünïcode 𝄞', -1, ''],
    ]
    const expected = 'a\\tb\tc\\\\d\t\\N\t7\te\\nf\\rg\n\\\\N\t\tÜnïcode 𝄞\t-1\t\n'
    assert.equal(Buffer.from(packRows(given).bytes).toString(), expected)
    assert.equal(textOf(given).toString(), expected)
  })

  it('tell their first cells alone', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const heads = headsOf(packRows(given), 2)
        assert.deepEqual(
          heads,
          given.map((row) => row.slice(0, 2)),
        )
      }),
    )
  })

  it('are picked one by one, and are the same when all are wanted', () => {
    fc.assert(
      fc.property(rows, fc.func(fc.boolean()), (given, isWanted) => {
        const packed = packRows(given)
        assert.deepEqual(cellsOf(pickRows(packed, (index) => isWanted(index))), asTexts(given.filter((_, index) => isWanted(index))))
        assert.equal(
          pickRows(packed, () => true),
          packed,
        )
        assert.equal(kept(pickRows(packed, () => false)).length, 0)
      }),
    )
  })

  it('are put behind each other, from any place to any other', () => {
    fc.assert(
      fc.property(rows, rows, fc.nat(20), fc.nat(20), (first, second, from, to) => {
        const packing = new PackedRowsBuilder()
        packing.add(packRows(first), 0, first.length)
        const [start, end] = [Math.min(from, second.length), Math.min(Math.max(from, to), second.length)]
        packing.add(packRows(second), start, end)
        assert.deepEqual(cellsOf(packing.take()), asTexts([...first, ...second.slice(start, end)]))
      }),
    )
  })

  it('go through a thread or a file as they are', () => {
    const packed = packRows([['a', 'ü', null, 1, 'b']])
    assert.deepEqual(cellsOf(structuredClone(packed)), [['a', 'ü', null, '1', 'b']])
  })
})
