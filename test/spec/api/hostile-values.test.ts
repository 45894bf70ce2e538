/** Values at the border of what is right: written in an odd way, they are stored in the one canonical way, or refused. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'

const server = await startServer()
const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })

/** Adds an email and reads it back. `members` is JSON text, since not every JSON number is one of JavaScript. */
async function add(members: string) {
  const created = await ask(server, 'POST /beta/me/profile/emails', { token: kim, body: `{"address":"kim@contoso.com",${members}}` })
  if (created.status !== 201) return created
  const read = await ask(server, `GET /beta/me/profile/emails/${created.json.id}`, { token: kim })
  await ask(server, `DELETE /beta/me/profile/emails/${created.json.id}`, { token: kim })
  return { ...read, status: created.status }
}

async function count(): Promise<string> {
  return (await ask(server, 'GET /beta/me/profile/emails/$count', { token: kim })).text
}

describe('A number', () => {
  const stored = async (text: string) => (await add(`"inference":{"confidenceScore":${text}}`)).json.inference?.confidenceScore

  it('between 0 and 1 is stored, however it is written', async () => {
    for (const [written, value] of [
      ...([
        ['0', 0],
        ['-0', 0],
        ['-0.0e5', 0],
        ['1', 1],
        ['1.0', 1],
        ['10e-1', 1],
        ['0.5E0', 0.5],
        ['5e-324', 5e-324],
      ] as const),
      ...([
        ['1e-400', 0],
        ['0.1000000000000000055511151231257827', 0.1],
        [`0.${'3'.repeat(5_000)}`, 1 / 3],
        ['null', null],
      ] as const),
    ])
      assert.equal(await stored(written), value, written)
  })

  it('beyond, or too large for any machine, is refused by name', async () => {
    for (const written of ['1e999', '-1e999', `1${'0'.repeat(400)}`, '1.0000000000000003', '-5e-324', '1e308', '9007199254740993'])
      assertRefused(await add(`"inference":{"confidenceScore":${written}}`), 400, 'badRequest', 'inference/confidenceScore')
  })

  it('that is too large does not matter in what the server sets itself', async () => {
    const { status, json } = await add('"id":1e999,"createdDateTime":-1e999,"createdBy":{"user":{"id":1e999}}')
    assert.equal(status, 201)
    assert.equal(typeof json.id, 'string')
  })
})

describe('Several audiences', () => {
  for (const [written, canonical] of Object.entries({
    'family,contacts': 'family,contacts',
    'family, contacts': 'family,contacts',
    '  family ,\tcontacts  ': 'family,contacts',
    'contacts,family': 'family,contacts',
    'FAMILY,Contacts': 'family,contacts',
    'family,family, Family': 'family',
    me: 'me',
    'me,me': 'me',
    'me,family': 'family',
    'everyone,federatedorganizations,ORGANIZATION,groupmembers,contacts,family,me':
      'family,contacts,groupMembers,organization,federatedOrganizations,everyone',
  })) {
    it(`written ${JSON.stringify(written)} are stored as ${canonical}`, async () => {
      const { status, json } = await add(`"allowedAudiences":${JSON.stringify(written)}`)
      assert.equal(status, 201)
      assert.equal(json.allowedAudiences, canonical)
    })
  }

  it('are organization where nothing, or null, is said', async () => {
    assert.equal((await add('"allowedAudiences":null')).json.allowedAudiences, 'organization')
    assert.equal((await add('"displayName":null')).json.allowedAudiences, 'organization')
  })
})

describe('A type', () => {
  it('is stored in its own spelling, and unknown where nothing is said', async () => {
    assert.equal((await add('"type":"WORK"')).json.type, 'work')
    assert.equal((await add('"type":"Unknown"')).json.type, 'unknown')
    assert.equal((await add('"displayName":null')).json.type, 'unknown')
  })
})

describe('A text', () => {
  it('comes back as it was sent, whatever characters it has', async () => {
    const texts = [
      '',
      ' ',
      '"\\/',
      '\u0001\u001f\u007f\u0085',
      '\u2028\u2029',
      '\ufeff',
      'e\u0301',
      '\u{1f600}',
      '<script>',
      "'; DROP TABLE users; --",
      '%00',
      '{{x}}',
      '__proto__',
    ]
    for (const text of texts) assert.equal((await add(`"displayName":${JSON.stringify(text)}`)).json.displayName, text)
  })

  it('has at most 256 UTF-16 code units', async () => {
    assert.equal((await add(`"displayName":"${'x'.repeat(256)}"`)).status, 201)
    assert.equal((await add(`"displayName":"${'\u{1f600}'.repeat(128)}"`)).status, 201)
    for (const text of ['x'.repeat(257), `${'\u{1f600}'.repeat(128)}x`])
      assertRefused(await add(`"displayName":"${text}"`), 400, 'badRequest', 'displayName')
  })
})

it('Nothing of what was refused is there', async () => assert.equal(await count(), '0'))
