/** Expressions that grow faster than their text: balanced trees of functions over aliases and members. */

import fc from 'fast-check'

/** A balanced tree of `concat` with so many leaves. */
export function concats(leaf: string, leaves: number): string {
  if (leaves === 1) return leaf
  return `concat(${concats(leaf, leaves >> 1)},${concats(leaf, leaves - (leaves >> 1))})`
}

const sizes = fc.constantFrom(1, 2, 3, 8, 16, 64, 128, 256)

/** Filters with trees on both sides of what looks for one text in another. `members`: texts of the item, or of an element. */
export function someTree(members: readonly string[]): fc.Arbitrary<string> {
  const leaf = fc.constantFrom('@p', "'a'", 'null', ...members)
  const tree = fc.oneof(
    fc.tuple(leaf, sizes).map(([text, leaves]) => concats(text, leaves)),
    fc.tuple(leaf, sizes, sizes).map(([text, leaves, deep]) => wrapped(concats(text, leaves), Math.min(deep, 40))),
  )
  const tail = fc.tuple(tree, fc.constantFrom("'b'", 'null', '@p')).map(([text, last]) => `concat(${text},${last})`)
  const sides = fc.tuple(tree, fc.oneof(tree, tail))
  return fc.oneof(
    fc.tuple(fc.constantFrom('contains', 'startswith', 'endswith'), sides).map(([name, [text, part]]) => `${name}(${text},${part})`),
    sides.map(([text, part]) => `indexof(${text},${part}) eq 0`),
    fc.tuple(fc.constantFrom('eq', 'lt'), sides).map(([word, [text, part]]) => `${text} ${word} ${part}`),
    fc.tuple(tree, sides).map(([text, [one, other]]) => `substring(${text},indexof(${one},${other})) ne ''`),
    fc.tuple(tree, fc.array(leaf, { maxLength: 20 })).map(([text, list]) => `${text} in (${list.map(() => '@p').join(',')})`),
    fc
      .tuple(tree, fc.integer({ min: 1, max: 60 }))
      .map(([text, many]) => Array.from({ length: many }, () => `trim(${text}) eq 'a'`).join(' or ')),
  )
}

function wrapped(text: string, deep: number): string {
  return Array.from({ length: deep }).reduce<string>(
    (inner, _, level) => (level % 2 === 0 ? `trim(${inner})` : `substring(${inner},0)`),
    text,
  )
}
