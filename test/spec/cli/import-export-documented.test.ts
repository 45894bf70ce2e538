import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { namesOf, settings } from '../../../src/config.ts'
import { exitCodes } from '../../../src/errors.ts'
import { propertiesOf } from '../../../src/model/edm.ts'
import { kinds } from '../../../src/transfer/records.ts'
import { freshFolder } from '../../support/program.ts'
import { command, exported, linesFile } from '../../support/terminal.ts'

const page = await readFile(new URL('../../../docs/operating.md', import.meta.url), 'utf8')

describe('What docs/operating.md says', () => {
  it('shows a line of every kind of record, and each of them can be imported', async () => {
    const [, block = ''] = /```ndjson\n([\s\S]*?)```/.exec(page) ?? []
    const lines = block.split('\n').filter((line) => line !== '')
    assert.deepEqual([...new Set(lines.map((line) => JSON.parse(line).kind))], Object.keys(kinds))
    const folder = await freshFolder()
    assert.deepEqual(await command(['import', await linesFile(folder, lines)], folder), {
      code: 0,
      out: `${lines.length} records written, 0 lines refused.\n`,
      err: '',
    })
    assert.equal((await exported(folder)).length, lines.length)
  })

  it('has a row for every kind of record, with the required members in bold and no member that does not exist', () => {
    for (const [name, { type, required }] of Object.entries(kinds)) {
      const [, cell = ''] = new RegExp(`^\\| \`${name}\` \\| (.*?) \\| `, 'm').exec(page) ?? []
      const bold = [...cell.matchAll(/\*\*`(\w+)`\*\*/g)].map(([, member]) => member)
      assert.deepEqual(bold.sort(), [...required].sort(), name)
      const members = Object.keys(propertiesOf(type))
      // A type of Graph may be named instead of its members.
      for (const [, member = ''] of cell.matchAll(/`(\w+)`/g))
        assert.ok(members.includes(member) || ['user', 'group', 'itemEmail'].includes(member), `${name}.${member}`)
    }
  })

  it('names settings and exit codes as they are', () => {
    const names = Object.values(settings).flatMap(namesOf)
    for (const [name] of page.matchAll(/SELFGRAPH_[A-Z_]+[A-Z]/g)) assert.ok(names.includes(name), name)
    for (const code of Object.values(exitCodes)) assert.match(page, new RegExp(`^\\| ${code} \\| `, 'm'))
  })
})
