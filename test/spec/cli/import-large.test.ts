import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { freshFolder, launch, mainFile, run } from '../../support/program.ts'
import { domainsOf } from '../../support/records.ts'
import { tenants } from '../../support/tenants.ts'
import { command, exported, linesFile } from '../../support/terminal.ts'

const tenant = { kind: 'tenant', id: tenants.contoso, ...domainsOf('contoso.com') }
const personOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const user = (n: number) => ({ kind: 'user', tenantId: tenants.contoso, id: personOf(n), userPrincipalName: `user${n}@contoso.com` })
/** An email without an id and a time: both are made. */
const email = (n: number) => ({ kind: 'email', tenantId: tenants.contoso, userId: personOf(n), address: `user${n}@example.org` })
/** Of about two megabytes, which several threads read. */
const people = Array.from({ length: 7000 }, (_, n) => [user(n), email(n)]).flat()
/** Lines that are no records, and what is said of each. */
const badLines = [
  ['nonsense', 'not a JSON object'],
  ['{"kind":"tenant","id":"a","id":"b"}', 'id: the line gives a member twice.'],
  [JSON.stringify({ ...tenant, displayName: 'x'.repeat(1024 * 1024) }), 'the line is too long'],
  [JSON.stringify({ ...tenant, colour: 'red' }), 'colour: tenant has no member of this name.'],
] as const
/** With a bad line after every three thousand good ones. */
const withBadLines = people.flatMap((line, n) => (n % 3000 === 2999 ? [line, badLines[(n - 2999) / 3000]?.[0] ?? ''] : [line]))
const told = (file: string) => badLines.map(([, reason], n) => `${file}:${3002 + n * 3001}: ${reason}\n`).join('')

describe('An import of a large file', () => {
  it('writes every record, in the order of the file, and leaves nothing else in the data folder', async () => {
    const [data, folder] = [await freshFolder(), await freshFolder()]
    const file = await linesFile(folder, [tenant, ...people, { ...user(0), displayName: 'replaced' }])
    const { code, out, err } = await command(['import', file], data)
    assert.deepEqual({ code, out, err }, { code: 0, out: '14002 records written, 0 lines refused.\n', err: '' })
    const all = await exported(data)
    assert.equal(all.length, 14_001)
    assert.equal(all.find(({ id }) => id === personOf(0))?.displayName, 'replaced')
    assert.deepEqual(await leftIn(data), [])
    const small = await freshFolder()
    for (const part of [[tenant, ...people.slice(0, 2000)], people.slice(2000, 4000)])
      await command(['import', await linesFile(folder, part, 'part.ndjson')], small)
    const untimed = (records: readonly Record<string, unknown>[]) =>
      records.map(({ createdDateTime: _, lastModifiedDateTime: __, ...record }) => record)
    const some = untimed(await exported(small)).filter(({ kind }) => kind === 'email')
    assert.equal(some.length, 2000)
    assert.deepEqual(untimed(all.filter(({ kind, userId }) => kind === 'email' && String(userId) < personOf(2000))), some)
  })

  it('tells bad lines by number and reason in their order, and then writes nothing and leaves nothing', async () => {
    const folder = await freshFolder()
    const file = await linesFile(folder, [tenant, ...withBadLines])
    const data = join(folder, 'data')
    for (const [added, last] of [
      [[], 'Nothing was written: 4 bad lines.\n'],
      [['--check'], 'Nothing was written: 4 bad lines.\n'],
    ] as const) {
      const { code, out, err } = await command(['import', file, ...added], data)
      assert.deepEqual({ code, out }, { code: 65, out: '' })
      assert.equal(err, told(file) + last)
      assert.equal(existsSync(data), false)
    }
  })

  it('writes the good lines in spite of bad ones with --skip-bad', async () => {
    const [data, folder] = [await freshFolder(), await freshFolder()]
    const file = await linesFile(folder, [tenant, ...withBadLines])
    const { code, out, err } = await command(['import', file, '--skip-bad'], data)
    assert.deepEqual({ code, out, err }, { code: 65, out: '14001 records written, 4 lines refused.\n', err: told(file) })
    assert.deepEqual(await leftIn(data), [])
  })

  it('that is killed goes on where it stopped when it is run again, and nothing of it is left before', async () => {
    const [data, folder] = [await freshFolder(), await freshFolder()]
    // So many that it is not at its end before it is seen to have begun.
    const more = Array.from({ length: 40_000 }, (_, n) => user(7000 + n))
    const file = await linesFile(folder, [tenant, ...people, ...more])
    const { child, ended } = launch(['import', file], { settings: { SELFGRAPH_DATA: data } })
    while (linesDone(data) === 0 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 2))
    child.kill('SIGKILL')
    assert.equal((await ended).signal, 'SIGKILL')
    assert.deepEqual(await leftIn(data), [])
    const done = linesDone(data)
    assert.ok(done > 0 && done % 1000 === 0, `whole batches: ${done}`)
    const { code, out } = await command(['import', file], data)
    assert.deepEqual({ code, out }, { code: 0, out: `Went on after line ${done}.\n${54_001 - done} records written, 0 lines refused.\n` })
    assert.equal((await exported(data)).length, 54_001)
  })

  it('is told in one line when there is no room for what it keeps for a while', async () => {
    const [data, folder] = [await freshFolder(), await freshFolder()]
    const file = await linesFile(folder, [tenant, ...people])
    const limited = ['sh', '-c', 'ulimit -f 800; exec "$@"', 'sh', process.execPath, mainFile]
    const { code, stdout, stderr } = await run(['import', file], { command: limited, settings: { SELFGRAPH_DATA: data } })
    assert.deepEqual({ code, stdout }, { code: 73, stdout: '' })
    assert.match(
      stderr,
      /^selfgraph: the data folder \S+ cannot be written to \(EFBIG: .*\): an import keeps there for a while what it has read\n$/,
    )
    assert.deepEqual(await readdir(data), [])
    await mkdir(join(folder, 'f'))
    const notAFolder = join(folder, 'f', 'taken')
    await writeFile(notAFolder, '')
    const other = await command(['import', file], notAFolder)
    assert.equal(other.code, 73)
    assert.match(other.err, /^selfgraph: the data folder \S+ cannot be written to \(E\w+: .*\n$/)
  })

  it('reads lines that are hard to take in as well as others', async () => {
    const [data, folder] = [await freshFolder(), await freshFolder()]
    const hard = { ...user(1), further: JSON.parse(`[${'[],'.repeat(340_000)}[]]`) }
    const lines = [tenant, user(1), { ...user(2), aboutMe: 'ü'.repeat(4000) }, hard, { ...user(3), aboutMe: 'ü'.repeat(400_000) }]
    const file = await linesFile(folder, lines)
    const { code, err } = await command(['import', file], data)
    assert.equal(code, 65)
    assert.match(err, /:4: the line holds too much: .* may be 16384 together\.\n.*:5: aboutMe: At most 4000 characters are allowed\.\n/)
    const good = await linesFile(folder, lines.slice(0, 3))
    assert.equal((await command(['import', good], data)).out, '3 records written, 0 lines refused.\n')
    assert.equal((await exported(data)).length, 3)
  })
})

/** What there is besides the database. */
async function leftIn(data: string): Promise<readonly string[]> {
  return (await readdir(data)).filter((name) => !/^(owner\.lock(-journal)?|selfgraph\.db(-wal|-shm|-journal)?)$/.test(name))
}

/** How far an import came that is under way. */
function linesDone(data: string): number {
  try {
    const database = new DatabaseSync(join(data, 'selfgraph.db'), { readOnly: true, timeout: 1000 })
    try {
      return Number(database.prepare('SELECT max(lines) AS lines FROM imports').get()?.lines ?? 0)
    } finally {
      database.close()
    }
  } catch {
    return 0 // it is not there yet, or not ready
  }
}
