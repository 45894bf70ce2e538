/** People of other organizations who show nothing: they cannot be told from those who do not exist. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { type Answer, ask } from '../../support/ask.ts'
import { applicationToken, demo, type Person, person, tokenOf, userLine } from '../../support/matrix-people.ts'
import { putRecords } from '../../support/records.ts'
import { comparable } from '../../support/refusal.ts'
import { startServer } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'

const empty = person('empty', 'litware.com', tenants.litware)
const closed = person('closed', 'litware.com', tenants.litware)
const open = person('open', 'litware.com', tenants.litware)
const hermit = person('hermit', 'outlook.example', tenants.personal)
const [hiddenId, shownId] = [randomUUID(), randomUUID()]

const nobody = { id: randomUUID(), principalName: 'closed.not@litware.com' }
const readers: Readonly<Record<string, Person | 'application'>> = {
  'someone of another tenant': demo('kim'),
  'someone of a federated tenant': demo('jo'),
  'an administrator of another tenant': demo('globaladmin'),
  'a personal account': demo('sam'),
  'an application of another tenant': 'application',
}

/** Everything that can be asked of somebody's profile, well put or not. */
const questions = [
  'profile',
  'profile?$expand=emails',
  'profile?$select=id',
  'profile/emails',
  'profile/emails?$top=1&$count=true',
  'profile/emails/$count',
  `profile/emails/${hiddenId}`,
  'profile/emails?$filter=x',
  'profile/emails?$unknown=1',
  'profile/emails?$top=x',
  'profile/emails?$skiptoken=x',
  'profile/emails/$count?$top=1',
  'profile?$expand=nothing',
]

describe('Somebody of another organization who shows nothing', async () => {
  const server = await startServer({ settings: { SELFGRAPH_ALLOW_APPLICATIONS: '1', SELFGRAPH_ALLOW_PERSONAL_ACCOUNTS: '1' } })
  const tokenFor = (who: Person | 'application') =>
    who === 'application' ? applicationToken(server, ['User.Read.All']) : tokenOf(server, who, { scope: 'User.Read User.Read.All' })
  const email = ({ tenantId, id: userId }: Person, id: string, allowedAudiences: string) => ({
    kind: 'email',
    tenantId,
    userId,
    id,
    address: 'a@example.org',
    allowedAudiences,
  })

  before(() =>
    putRecords(server, [
      ...[empty, closed, open, hermit].map(userLine),
      email(closed, hiddenId, 'family,contacts,groupMembers,organization'),
      email(open, shownId, 'everyone'),
      email(open, randomUUID(), 'organization'),
      email(hermit, randomUUID(), 'organization,federatedOrganizations'),
    ]),
  )

  for (const [reader, who] of Object.entries(readers))
    for (const question of questions)
      it(`is answered to ${reader} like nobody: ${question}`, async () => {
        const token = await tokenFor(who)
        const headers = [{}, { Accept: 'application/json;odata.metadata=wrong' }, { Prefer: 'odata.maxpagesize=x' }]
        for (const header of headers) {
          const about = async (key: string): Promise<Answer> =>
            ask(server, `GET /beta/users/${key}/${question}`, { token, headers: header })
          const unknown = await about(nobody.id)
          assert.ok(unknown.status >= 400)
          for (const key of [nobody.principalName, ...[empty, closed, hermit].flatMap(({ id, principalName }) => [id, principalName])])
            assert.deepEqual(comparable(await about(key)), comparable(unknown), key)
        }
      })

  it('is a 404 of the profile, when nothing else is wrong', async () => {
    const answer = await ask(server, `GET /beta/users/${closed.id}/profile/emails`, { token: await tokenFor(demo('kim')) })
    assert.deepEqual([answer.status, answer.json.error.code], [404, 'ErrorItemNotFound'])
  })

  it('is no matter for colleagues, who see a profile without emails', async () => {
    const token = await tokenFor(demo('ari'))
    assert.deepEqual((await ask(server, `GET /beta/users/${empty.id}/profile/emails`, { token })).json.value, [])
    assert.equal((await ask(server, `GET /beta/users/${empty.id}/profile`, { token })).status, 200)
  })

  it('is there as soon as one item is for the reader, with that item alone', async () => {
    const token = await tokenFor(demo('kim'))
    const listed = await ask(server, `GET /beta/users/${open.principalName}/profile/emails`, { token })
    assert.deepEqual(
      listed.json.value.map(({ id }: { id: string }) => id),
      [shownId],
    )
    assert.equal((await ask(server, `GET /beta/users/${open.id}/profile`, { token })).json.id, 'profileId')
  })

  it('is not found among users and methods of one tenant by those of another', async () => {
    const token = await tokenOf(server, demo('privadmin'), { scope: 'User.Read.All UserAuthenticationMethod.Read.All' })
    for (const rest of ['', '/authentication', '/authentication/methods', '/authentication/emailMethods'])
      for (const key of [open.id, open.principalName])
        assert.equal((await ask(server, `GET /v1.0/users/${key}${rest}`, { token })).status, 404, rest)
  })
})
