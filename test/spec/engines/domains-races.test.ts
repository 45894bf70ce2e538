/** Races on both databases: a domain goes to one tenant and an identity to one user. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { bothDatabases } from '../../support/databases.ts'
import { newcomer } from '../../support/newcomers.ts'
import { putRecords } from '../../support/records.ts'
import { startServer, type TestServer, token } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'
import { command } from '../../support/terminal.ts'

const both = await bothDatabases()
const contenders = [tenants.contoso, tenants.fabrikam, tenants.litware]

/** One server of the embedded database; two of one PostgreSQL. */
async function startOn(engine: 'embedded' | 'postgres') {
  const place = await both[engine]()
  const start = () => startServer({ folder: place.folder, settings: { SELFGRAPH_DATABASE_TIMEOUT: '60', ...place.settings } }) // a slow machine is no failure
  const one = await start()
  return { place, one, other: engine === 'embedded' ? one : await start() }
}

for (const engine of ['embedded', 'postgres'] as const)
  describe(`Racing requests on ${engine === 'embedded' ? 'the embedded database' : 'two servers of one PostgreSQL'}`, async () => {
    const { place, one, other } = await startOn(engine)
    const admin = await token(one, 'globaladmin', { scope: 'User.ReadWrite.All User.ManageIdentities.All' })
    const serverOf = (index: number): TestServer => (index % 2 === 0 ? one : other)

    it('for a domain, by import: one tenant gets it, whatever its spelling', async () => {
      for (let round = 0; round < 8; round++) {
        const spellings = [`ü${round}.example`, `Ü${round}.EXAMPLE.`, `u\u0308${round}.example`]
        const outcomes = await Promise.allSettled(
          contenders.map((id, index) =>
            putRecords(serverOf(index), [
              { kind: 'tenant', id, verifiedDomains: [{ name: spellings[index] }, { name: `own${index}-${round}.example` }] },
            ]),
          ),
        )
        assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected', 'rejected'])
      }
    })

    it('for an identity, by creating users and by changing them: one user gets it, and nothing is left of the others', async () => {
      for (let round = 0; round < 6; round++) {
        const identities = [{ signInType: 'federated', issuer: 'Issuer.example', issuerAssignedId: `Pat${round}` }]
        const answers = await Promise.all(
          Array.from({ length: 6 }, (_, index) =>
            ask(serverOf(index), 'POST /v1.0/users', { token: admin, body: newcomer(`racer${round}-${index}`, { identities }) }),
          ),
        )
        assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 400, 400, 400, 400, 400])
        const reader = await ask(other, `GET /v1.0/users?$filter=startswith(userPrincipalName,'racer${round}-')`, { token: admin })
        assert.equal(reader.json.value.length, 1)
      }
      const people = await Promise.all(
        ['left', 'right'].map(async (name) => (await ask(one, 'POST /v1.0/users', { token: admin, body: newcomer(name) })).json),
      )
      for (let round = 0; round < 6; round++) {
        const body = { identities: [{ signInType: 'federated', issuer: 'x.example', issuerAssignedId: `goal${round}` }] }
        const answers = await Promise.all(
          people.map(({ id }, index) => ask(serverOf(index), `PATCH /v1.0/users/${id}`, { token: admin, body })),
        )
        assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 400])
      }
    })

    if (engine === 'postgres')
      it('for a name while its domain is taken away: no user is left in a domain that is nobody’s', async () => {
        for (let round = 0; round < 8; round++) {
          const domain = `going${round}.example`
          const tenant = (verb: string) => command(['tenant', verb, '--id', tenants.contoso, '--domain', domain], place.folder, place)
          assert.equal((await tenant('add')).code, 0)
          const create = (index: number) =>
            ask(serverOf(index), 'POST /v1.0/users', {
              token: admin,
              body: newcomer(`late${round}-${index}`, { userPrincipalName: `late${round}-${index}@${domain}` }),
            })
          const [removed, ...answers] = await Promise.all([tenant('remove'), create(0), create(1), create(2), create(3)])
          const created = answers.filter(({ status }) => status === 201).length
          assert.equal(removed?.code === 0, created === 0, `${removed?.err} ${created} users`)
        }
      })
  })
