/** Comments are plain English: the subject of a sentence is a thing in the code or the reader, never a bare pronoun. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Comments that open with such a word, by folder. A number may only fall. */
const openings: Readonly<Record<string, number>> = { src: 0, test: 127, bench: 50, scripts: 5 }

/** The beginning of a comment, or of a line of one. */
const opening = /^\s*(?:\/\*\*|\*|\/\/) ?(?:What|Who|Whoever|Whose|Whom|Those|Of|Which)\b/

function found(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:ts|mjs)$/.test(name) && !name.includes('node_modules'))
    .flatMap((name) =>
      readFileSync(join(root, folder, name), 'utf8')
        .split('\n')
        .flatMap((line, index) => (opening.test(line) ? [`${folder}/${name}:${index + 1} ${line.trim()}`] : [])),
    )
}

describe('A comment', () => {
  for (const [folder, most] of Object.entries(openings))
    it(`opens with a thing or an imperative, in ${folder}`, () => {
      const lines = found(folder)
      assert.ok(lines.length <= most, `say the noun (at most ${most} openings, ${lines.length} found):\n${lines.join('\n')}`)
      assert.ok(lines.length >= most, `the number has fallen: write ${lines.length} into the table`)
    })
})
