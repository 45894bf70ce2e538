import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { freshFolder } from '../../support/program.ts'
import { domainsOf } from '../../support/records.ts'
import { personId, tenants } from '../../support/tenants.ts'
import { command, exported, linesFile } from '../../support/terminal.ts'

const tenant = { kind: 'tenant', id: tenants.contoso, ...domainsOf('contoso.com') }
const kim = { kind: 'user', tenantId: tenants.contoso, id: personId('kim'), userPrincipalName: 'kim@contoso.com' }
const ofKim = { tenantId: tenants.contoso, userId: personId('kim') }
const email = { kind: 'email', ...ofKim, id: 'email-1', address: 'kim@contoso.com' }

const kindsListed =
  'expected one of tenant, user, administrativeUnit, group, groupMember, role, relation, emailMethodPolicy, email, emailMethod'

/** Texts of which each character takes six octets of JSON. */
const controls = (count: number) => Array(count).fill('\u0001'.repeat(256))
const targets = Array(100).fill({ id: 'x'.repeat(64), targetType: 'group' })
const tooLarge = 'The whole would be larger than a record can be: at most 16384 octets of JSON are stored.'

/** Lines that are no records, and what is said of each. */
const badLines: readonly (readonly [string, string | object, RegExp | string])[] = [
  ['no JSON', '{"kind":"tenant",', 'not a JSON object'],
  ['two values', '{} {}', 'not a JSON object'],
  ['an array', '[]', 'expected a JSON object'],
  ['null', 'null', 'expected a JSON object'],
  ['no kind', { id: 'x' }, `kind: ${kindsListed}`],
  ['an unknown kind', { kind: 'device', id: 'x' }, `kind: ${kindsListed}`],
  ['a kind that JavaScript objects have by themselves', { kind: 'constructor' }, `kind: ${kindsListed}`],
  [
    'a password',
    { ...kim, passwordProfile: { password: 'correct horse' } },
    'passwordProfile: This server does not keep it: leave it out.',
  ],
  ['a missing member', { kind: 'user', tenantId: 'x', id: 'y' }, 'userPrincipalName: It is required.'],
  ['an empty member', { ...tenant, id: '' }, 'id: It is required.'],
  ['an unknown member', { ...tenant, colour: 'red' }, /^colour: /],
  ['a member twice', '{"kind":"tenant","id":"a","id":"b"}', /^id: .*twice/],
  ['a member of another type', { ...kim, accountEnabled: 'yes' }, /^accountEnabled: /],
  ['an id with a slash', { ...tenant, id: 'a/b' }, 'id: An id holds no white space and none of / \\ ? #.'],
  ['an id with white space', { ...kim, tenantId: 'a b' }, 'tenantId: An id holds no white space and none of / \\ ? #.'],
  ['a bad address of an email', { ...email, address: 'kim' }, /^address: /],
  ['a bad address of a method', { kind: 'emailMethod', ...ofKim, emailAddress: 'a@b@c.example' }, /^emailAddress: /],
  ['a bad audience', { ...email, allowedAudiences: 'neighbours' }, /^allowedAudiences: /],
  ['a score beyond 1', { ...email, inference: { confidenceScore: 1.5 } }, /^inference\/confidenceScore: /],
  ['a day that does not exist', { ...email, createdDateTime: '2026-02-30T00:00:00Z' }, /^createdDateTime: /],
  ['a role that does not exist', { kind: 'role', ...ofKim, role: 'Duke' }, /^Duke is no role: give a template id, or one of /],
  ['a scope that is none', { kind: 'role', ...ofKim, role: 'Global Reader', directoryScopeId: 'here' }, /^directoryScopeId must be/],
  ['a relation that is none', { kind: 'relation', ...ofKim, relation: 'enemy', otherUserId: 'x' }, /^relation: /],
  ['a name that is too long', { ...tenant, displayName: 'x'.repeat(257) }, 'displayName: At most 256 characters are allowed.'],
  ['an id that is too long', { ...kim, id: 'x'.repeat(129) }, 'id: At most 128 characters are allowed.'],
  ['too many members', { ...kim, imAddresses: Array(17).fill('x') }, 'imAddresses: At most 16 members are allowed.'],
  ['a user that is too large', { ...kim, skills: controls(11) }, `skills: ${tooLarge}`],
  [
    'an email that is too large',
    { ...email, createdDateTime: '2026-01-01T00:00:00Z', source: { type: controls(11) } },
    `source: ${tooLarge}`,
  ],
  ['an email that is too large, without its time', { ...email, source: { type: controls(11) } }, `source: ${tooLarge}`],
  [
    'a policy that is too large',
    { kind: 'emailMethodPolicy', tenantId: tenants.contoso, includeTargets: targets, excludeTargets: targets },
    `includeTargets: ${tooLarge}`,
  ],
  ['a NUL', { ...tenant, displayName: 'a\u0000b' }, /^displayName: /],
  ['half a surrogate pair', '{"kind":"tenant","id":"x","displayName":"\\ud800"}', /^displayName: /],
  ['a hundred levels', `{"kind":"tenant","id":${'['.repeat(100)}${']'.repeat(100)}}`, /nests deeper/],
]

describe('The lines of an import', () => {
  it('are each refused by number and reason when they are bad, and then nothing at all is written', async () => {
    const folder = await freshFolder()
    const lines = [tenant, ...badLines.map(([, line]) => line), kim]
    const file = await linesFile(folder, lines)
    const { code, out, err } = await command(['import', file], folder)
    const told = err.split('\n')
    assert.deepEqual({ code, out }, { code: 65, out: '' })
    for (const [index, [what, , reason]] of badLines.entries()) {
      const start = `${file}:${index + 2}: `
      const said = told[index] ?? ''
      assert.ok(said.startsWith(start), `${what}: ${said}`)
      if (typeof reason === 'string') assert.equal(said.slice(start.length), reason, what)
      else assert.match(said.slice(start.length), reason, what)
    }
    assert.deepEqual(told.slice(badLines.length), [`Nothing was written: ${badLines.length} bad lines.`, ''])
    assert.equal(existsSync(join(folder, 'selfgraph.db')), false)
  })

  it('are written in spite of bad ones with --skip-bad, and the exit code tells that there were some', async () => {
    const folder = await freshFolder()
    const file = await linesFile(folder, [tenant, 'nonsense', kim])
    const { code, out, err } = await command(['import', file, '--skip-bad'], folder)
    assert.deepEqual({ code, out, err }, { code: 65, out: '2 records written, 1 lines refused.\n', err: `${file}:2: not a JSON object\n` })
    assert.deepEqual(
      (await exported(folder)).map(({ kind }) => kind),
      ['tenant', 'user'],
    )
  })

  it('are looked at and not written with --check', async () => {
    const folder = await freshFolder()
    const good = await linesFile(folder, [tenant, kim], 'good.ndjson')
    const bad = await linesFile(folder, [tenant, 'nonsense'], 'bad.ndjson')
    assert.deepEqual(await command(['import', good, '--check'], folder), { code: 0, out: 'Every line can be read.\n', err: '' })
    for (const also of [[], ['--skip-bad']]) {
      const { code, out, err } = await command(['import', bad, '--check', ...also], folder)
      assert.deepEqual({ code, out }, { code: 65, out: '' })
      assert.equal(err, `${bad}:2: not a JSON object\nNothing was written: 1 bad line.\n`)
    }
    assert.equal(existsSync(join(folder, 'selfgraph.db')), false)
  })

  it('are refused one by one when they speak of a tenant, user or group that is not there, and the others are written', async () => {
    const folder = await freshFolder()
    const nowhere = { tenantId: tenants.litware }
    const nobody = { tenantId: tenants.contoso, userId: 'nobody' }
    const noTenant = `there is no tenant ${tenants.litware}: its record must come before`
    const noUser = `there is no user nobody in tenant ${tenants.contoso}: its record must come before`
    const refused: readonly (readonly [object, string])[] = [
      [{ ...kim, ...nowhere }, noTenant],
      [{ kind: 'group', ...nowhere, id: 'g' }, noTenant],
      [{ kind: 'administrativeUnit', ...nowhere, id: 'u' }, noTenant],
      [{ kind: 'emailMethodPolicy', ...nowhere, state: 'enabled' }, noTenant],
      [{ kind: 'groupMember', ...nobody, groupId: 'g' }, noUser],
      [{ kind: 'groupMember', ...ofKim, groupId: 'g' }, `there is no group g in tenant ${tenants.contoso}`],
      [{ kind: 'role', ...nobody, role: 'Global Reader' }, noUser],
      [{ kind: 'relation', ...nobody, relation: 'family', otherUserId: personId('kim') }, noUser],
      [{ ...email, ...nobody }, noUser],
      [{ kind: 'emailMethod', ...nobody, emailAddress: 'a@b.example' }, noUser],
      [
        { ...kim, id: personId('lee'), userPrincipalName: 'KIM@contoso.com' },
        'another user of the tenant has the userPrincipalName KIM@contoso.com',
      ],
    ]
    const file = await linesFile(folder, [tenant, kim, ...refused.map(([line]) => line), email])
    const { code, out, err } = await command(['import', file], folder)
    assert.equal(err, refused.map(([, reason], index) => `${file}:${index + 3}: ${reason}\n`).join(''))
    assert.deepEqual({ code, out }, { code: 65, out: `3 records written, ${refused.length} lines refused.\n` })
    assert.deepEqual(
      (await exported(folder)).map(({ kind }) => kind),
      ['tenant', 'user', 'email'],
    )
  })

  it('are refused when they would give a person more than 250 emails; those that replace one are not', async () => {
    const folder = await freshFolder()
    const emails = Array.from({ length: 252 }, (_, n) => ({ ...email, id: `email-${n}` }))
    const file = await linesFile(folder, [tenant, kim, ...emails, { ...emails[0], displayName: 'anew' }])
    const { code, out, err } = await command(['import', file], folder)
    const reason = `the profile of ${personId('kim')} holds 250 emails already`
    assert.deepEqual(
      { code, out, err },
      { code: 65, out: '253 records written, 2 lines refused.\n', err: `${file}:253: ${reason}\n${file}:254: ${reason}\n` },
    )
    const kept = (await exported(folder)).filter(({ kind }) => kind === 'email')
    assert.equal(kept.length, 250)
    assert.equal(kept.find(({ id }) => id === 'email-0')?.displayName, 'anew')
  })

  it('may end with CR LF, be blank, begin with a byte order mark, and the last may lack its end', async () => {
    const folder = await freshFolder()
    const file = join(folder, 'records.ndjson')
    await writeFile(file, `\ufeff${JSON.stringify(tenant)}\r\n\r\n \t\n${JSON.stringify(kim)}\r\n\n${JSON.stringify(email)}`)
    assert.deepEqual(await command(['import', file], folder), { code: 0, out: '3 records written, 0 lines refused.\n', err: '' })
    await writeFile(file, `${JSON.stringify(tenant)}\r\n\r\nnonsense`)
    assert.match((await command(['import', file], folder)).err, /:3: not a JSON object/)
    await writeFile(file, '')
    assert.deepEqual(await command(['import', file], folder), { code: 0, out: '0 records written, 0 lines refused.\n', err: '' })
  })

  it('are refused when they are longer than a megabyte, in the middle and at the end of a file', async () => {
    const folder = await freshFolder()
    const long = JSON.stringify({ ...tenant, displayName: 'x'.repeat(1024 * 1024) })
    const file = await linesFile(folder, [tenant, long, kim, long])
    const { code, err } = await command(['import', file, '--check'], folder)
    assert.deepEqual(
      { code, err },
      { code: 65, err: `${file}:2: the line is too long\n${file}:4: the line is too long\nNothing was written: 2 bad lines.\n` },
    )
  })

  it('are refused when they are not UTF-8', async () => {
    const folder = await freshFolder()
    const file = join(folder, 'records.ndjson')
    await writeFile(
      file,
      Buffer.concat([Buffer.from(`${JSON.stringify(tenant)}\n{"kind":"tenant","id":"`), Buffer.from([0xc3, 0x28]), Buffer.from('"}\n')]),
    )
    assert.match((await command(['import', file], folder)).err, /:2: the line is not valid UTF-8\.\n/)
  })
})
