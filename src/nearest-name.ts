/** The name that somebody may have meant who wrote one that there is not. */

const nearEnough = 3

/** ` (did you mean X?)`: the name that differs in a few letters, else one that shares a word; or where they are listed. */
export function nearest(name: string, names: readonly string[]): string {
  const [close] = names.map((known) => ({ known, far: editDistance(name, known) })).sort((a, b) => a.far - b.far)
  const words = new Set(name.split('_').slice(1))
  const [akin] = names
    .map((known) => ({ known, shared: known.split('_').filter((word) => words.has(word)).length }))
    .sort((a, b) => b.shared - a.shared)
  if (close !== undefined && close.far <= nearEnough) return ` (did you mean ${close.known}?)`
  return akin !== undefined && akin.shared > 0 ? ` (did you mean ${akin.known}?)` : '; docs/configuration.md lists them'
}

/** How many letters have to be put in, taken out or changed (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let line = 1; line <= from.length; line++) {
    const above = row
    row = [line]
    for (let column = 1; column <= to.length; column++) {
      const [left = 0, up = 0, corner = 0] = [row[column - 1], above[column], above[column - 1]]
      row.push(Math.min(left + 1, up + 1, corner + (from[line - 1] === to[column - 1] ? 0 : 1)))
    }
  }
  return row.at(-1) ?? 0
}
