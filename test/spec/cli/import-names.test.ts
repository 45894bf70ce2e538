/** Records in Graph's own names: of types in place of kinds, and of members; and that they are held to what bodies are held to. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { freshFolder } from '../../support/program.ts'
import { domainsOf } from '../../support/records.ts'
import { personId, tenants } from '../../support/tenants.ts'
import { command, exported, linesFile } from '../../support/terminal.ts'

const tenantId = tenants.contoso
const userId = personId('kim')
const ofKim = { tenantId, userId }
const role = '62e90394-69f5-4237-9190-012177145e10'
const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'

/** A record of each kind, in its own names and in Graph's. */
const pairs: readonly (readonly [own: { readonly kind: string } & Readonly<Record<string, unknown>>, type: string, graph: object])[] = [
  [
    { kind: 'tenant', id: tenantId, displayName: 'Contoso', ...domainsOf('contoso.com') },
    'organization',
    { id: tenantId, displayName: 'Contoso', ...domainsOf('contoso.com') },
  ],
  [
    { kind: 'user', tenantId, id: userId, userPrincipalName: 'kim@contoso.com', accountEnabled: true },
    'user',
    { tenantId, id: userId, userPrincipalName: 'kim@contoso.com', accountEnabled: true },
  ],
  [
    { kind: 'administrativeUnit', tenantId, id: 'unit', displayName: 'Unit' },
    'administrativeUnit',
    { tenantId, id: 'unit', displayName: 'Unit' },
  ],
  [
    { kind: 'group', tenantId, id: 'group', displayName: 'Group', groupTypes: ['Unified'] },
    'group',
    { tenantId, id: 'group', displayName: 'Group', groupTypes: ['Unified'] },
  ],
  [
    { kind: 'role', ...ofKim, role },
    'unifiedRoleAssignment',
    { tenantId, id: 'made-by-graph', principalId: userId, roleDefinitionId: role, directoryScopeId: '/' },
  ],
  [
    { kind: 'emailMethodPolicy', tenantId, state: 'enabled' },
    'emailAuthenticationMethodConfiguration',
    { tenantId, id: 'Email', state: 'enabled' },
  ],
  [
    { kind: 'email', ...ofKim, id: 'e', address: 'kim@contoso.com', createdDateTime: '2026-01-01T00:00:00Z' },
    'itemEmail',
    { ...ofKim, id: 'e', address: 'kim@contoso.com', createdDateTime: '2026-01-01T00:00:00Z' },
  ],
  [
    { kind: 'emailMethod', ...ofKim, emailAddress: 'kim@example.org', createdDateTime: '2026-01-01T00:00:00Z' },
    'emailAuthenticationMethod',
    { ...ofKim, id: methodId, emailAddress: 'kim@example.org', createdDateTime: '2026-01-01T00:00:00Z' },
  ],
]

async function broughtIn(records: readonly object[]) {
  const folder = await freshFolder()
  const said = await command(['import', await linesFile(folder, records)], folder)
  assert.deepEqual(said, { code: 0, out: `${records.length} records written, 0 lines refused.\n`, err: '' })
  return exported(folder)
}

async function refusalOf(record: object): Promise<string> {
  const folder = await freshFolder()
  const file = await linesFile(folder, [record])
  const { code, err } = await command(['import', '--check', file], folder)
  assert.equal(code, 65, JSON.stringify(record))
  return err.split('\n')[0]?.slice(`${file}:`.length) ?? ''
}

describe('A record in Graph’s own names', () => {
  const ways: Readonly<Record<string, (type: string, graph: object, kind: string) => object>> = {
    'in @odata.type, as Graph writes it': (type, graph) => ({ '@odata.type': `#microsoft.graph.${type}`, ...graph }),
    'in @type, as OData 4.01 writes it': (type, graph) => ({ '@type': `#microsoft.graph.${type}`, ...graph }),
    'in kind': (type, graph) => ({ kind: type, ...graph }),
    'in kind, qualified': (type, graph) => ({ kind: `#microsoft.graph.${type}`, ...graph }),
    'in any case': (type, graph) => ({ kind: type.toUpperCase(), '@odata.type': `#Microsoft.Graph.${type.toLowerCase()}`, ...graph }),
    'beside the kind': (type, graph, kind) => ({ kind, '@odata.type': `#microsoft.graph.${type}`, ...graph }),
  }
  for (const [way, write] of Object.entries(ways))
    it(`says the same as one in ours, with the type ${way}`, async () => {
      const expected = await broughtIn(pairs.map(([own]) => own))
      assert.deepEqual(await broughtIn(pairs.map(([{ kind }, type, graph]) => write(type, graph, kind))), expected)
    })

  it('has the names of members in any case', async () => {
    const written = pairs.map(([, type, graph]) => {
      const members = Object.entries({ '@odata.type': `#microsoft.graph.${type}`, ...graph })
      return Object.fromEntries(
        members.map(([name, value]) => [name.startsWith('@') ? name : `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, value]),
      )
    })
    assert.deepEqual(await broughtIn(written), await broughtIn(pairs.map(([own]) => own)))
  })

  it('is refused where kind and type differ, a member is given in both names, or the type is none', async () => {
    assert.match(
      await refusalOf({ kind: 'email', '@odata.type': '#microsoft.graph.user', ...ofKim, address: 'a@b.de' }),
      /^1: @odata\.type: /,
    )
    assert.match(
      await refusalOf({ kind: 'role', ...ofKim, principalId: 'other', role }),
      /^1: principalId: It is the same member as userId/,
    )
    for (const type of ['#microsoft.graph.phoneAuthenticationMethod', 'constructor', '', 5, null, {}])
      assert.match(await refusalOf({ '@odata.type': type, ...ofKim }), /^1: kind: expected one of tenant, /)
  })
})

const kim = { kind: 'user', tenantId, id: userId, userPrincipalName: 'kim@contoso.com' }
const group = { kind: 'group', tenantId, id: 'g' }
/** Records that the API would refuse as bodies, and the member that is named. */
const refused: readonly (readonly [object, string])[] = [
  ...[
    'u1@contoso.com ',
    ' u1@contoso.com',
    'noatsign',
    'zoë@contoso.com',
    'a@b@contoso.com',
    'a@contoso',
    'a@contoso.com.',
    '.a@contoso.com',
    'a@-contoso.com',
    'a\n@contoso.com',
    `${'a'.repeat(65)}@contoso.com`,
    `a@${'d'.repeat(64)}.com`,
  ].map((userPrincipalName) => [{ ...kim, userPrincipalName }, 'userPrincipalName'] as const),
  [{ ...kim, mailNickname: 'with blank' }, 'mailNickname'],
  [{ ...kim, mailNickname: '.dot' }, 'mailNickname'],
  [{ ...kim, displayName: '' }, 'displayName'],
  [{ ...kim, displayName: 'x'.repeat(257) }, 'displayName'],
  [{ ...kim, usageLocation: 'Finland' }, 'usageLocation'],
  [{ ...kim, businessPhones: ['1', ''] }, 'businessPhones/1'],
  [{ ...kim, proxyAddresses: [''] }, 'proxyAddresses/0'],
  [{ ...kim, accountEnabled: 'yes' }, 'accountEnabled'],
  [{ ...kim, passwordProfile: { password: 'correct Horse 1' } }, 'passwordProfile'],
  [{ ...group, mailNickname: 'a b' }, 'mailNickname'],
  [{ ...group, description: '' }, 'description'],
  [{ kind: 'email', ...ofKim, address: `k@${'d'.repeat(64)}.com` }, 'address'],
  [{ kind: 'emailMethod', ...ofKim, emailAddress: `${'k'.repeat(65)}@contoso.com` }, 'emailAddress'],
]

describe('A record that says what the API would refuse', () => {
  for (const [record, member] of refused)
    it(`is refused with its line and member: ${JSON.stringify(record).slice(0, 200)}`, async () => {
      assert.match(await refusalOf(record), new RegExp(`^1: ${member}: `))
    })

  it('may leave out, or leave null, what a body must have: a file is of people who are there', async () => {
    const records = [
      { kind: 'tenant', id: tenantId, ...domainsOf('contoso.com') },
      { ...kim, displayName: null, mailNickname: null, mail: null, favourite: '', 'odd name': { of: ['any', 1] } },
    ]
    const [, person] = await broughtIn(records)
    assert.deepEqual(person, { ...records[1], accountEnabled: true })
  })
})
