/** Each row of docs/differences.md names a test that is there. */

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'

const page = readFileSync(new URL('../../docs/differences.md', import.meta.url), 'utf8')
const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| matter'))

describe('The page of differences', () => {
  it('has rows', () => assert.ok(rows.length > 20))

  for (const row of rows) {
    const [, matter = ''] = row.split('|')
    it(`has a witness for: ${matter.trim()}`, () => {
      const witness = /`((?:spec\/\w+|rules|clients|unit)\/[\w-]+\.test\.ts)`: (.+) \|$/.exec(row)
      assert.ok(witness !== null, 'the row names no test')
      const file = new URL(`../${witness[1]}`, import.meta.url)
      assert.ok(existsSync(file), `there is no ${witness[1]}`)
      assert.ok(readFileSync(file, 'utf8').includes(witness[2] ?? ''), `${witness[1]} does not speak of ${witness[2]}`)
    })
  }
})
