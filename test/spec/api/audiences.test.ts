/** Who sees which email of a profile: each set of audiences by each kind of reader, in every way of reading. */

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { type Answer, ask } from '../../support/ask.ts'
import { applicationToken, demo, memberLine, type Person, person, relationLine, tokenOf, userLine } from '../../support/matrix-people.ts'
import { domainsOf, putRecords } from '../../support/records.ts'
import { comparable } from '../../support/refusal.ts'
import { startServer } from '../../support/server.ts'
import { tenants } from '../../support/tenants.ts'

const audiences = ['me', 'family', 'contacts', 'groupMembers', 'organization', 'federatedOrganizations', 'everyone'] as const
type Audience = (typeof audiences)[number]

const northwind = 'eeeeffff-4444-4555-8666-777788889999'
const group = randomUUID()
const owner = person('owner')
const litware = (name: string) => person(name, 'litware.com', tenants.litware)
const personal = (name: string) => person(name, 'outlook.example', tenants.personal)

const people = {
  sister: litware('sister'),
  friend: litware('friend'),
  both: litware('both'),
  groupMate: person('mate'),
  brother: person('brother'),
  admirer: litware('admirer'),
  personalAunt: personal('aunt'),
  partner: person('partner', 'northwind.com', northwind),
}

/** Each kind of reader, and the audiences that include it. */
const readers: Readonly<Record<string, { who: Person | 'application'; in: readonly Audience[] }>> = {
  'the owner': { who: owner, in: audiences },
  'someone elsewhere whom the owner lists as family': { who: people.sister, in: ['family', 'everyone'] },
  'someone elsewhere whom the owner lists as a contact': { who: people.friend, in: ['contacts', 'everyone'] },
  'someone elsewhere listed as both': { who: people.both, in: ['family', 'contacts', 'everyone'] },
  'someone of the tenant listed as family': { who: people.brother, in: ['family', 'organization', 'federatedOrganizations', 'everyone'] },
  'someone who shares a group': { who: people.groupMate, in: ['groupMembers', 'organization', 'federatedOrganizations', 'everyone'] },
  'someone of the tenant': { who: demo('lee'), in: ['organization', 'federatedOrganizations', 'everyone'] },
  'an administrator of the tenant': { who: demo('globaladmin'), in: ['organization', 'federatedOrganizations', 'everyone'] },
  "someone of a tenant that the owner's lists as federated": { who: demo('jo'), in: ['federatedOrganizations', 'everyone'] },
  "someone of a tenant that lists the owner's, unanswered": { who: people.partner, in: ['everyone'] },
  'someone of another tenant': { who: demo('ari'), in: ['everyone'] },
  'someone elsewhere who lists the owner, unanswered': { who: people.admirer, in: ['everyone'] },
  'a personal account': { who: demo('sam'), in: ['everyone'] },
  'a personal account whom the owner lists as family': { who: people.personalAunt, in: ['family', 'everyone'] },
  'an application of the tenant': { who: 'application', in: ['organization', 'federatedOrganizations', 'everyone'] },
}

/** An item for each set of audiences there is, so that what is hidden lies between what is shown. */
const items = Array.from({ length: 2 ** audiences.length - 1 }, (_, index) => ({
  id: randomUUID(),
  for: audiences.filter((_, bit) => ((index + 1) >> bit) % 2 === 1),
  createdDateTime: new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString(),
}))

const emailLine = ({ tenantId, id: userId }: Person, id: string, allowedAudiences: string, createdDateTime?: string) => ({
  kind: 'email',
  tenantId,
  userId,
  id,
  address: 'shown@example.org',
  allowedAudiences,
  ...(createdDateTime === undefined ? {} : { createdDateTime }),
})

const idsIn = (answer: Answer): readonly string[] => answer.json.value.map(({ id }: { id: string }) => id)

describe('The audience of an email', async () => {
  const server = await startServer({ settings: { SELFGRAPH_ALLOW_APPLICATIONS: '1', SELFGRAPH_ALLOW_PERSONAL_ACCOUNTS: '1' } })
  const tokenFor = (who: Person | 'application') =>
    who === 'application' ? applicationToken(server, ['User.Read.All']) : tokenOf(server, who, { scope: 'User.Read' })

  before(() =>
    putRecords(server, [
      { kind: 'tenant', id: northwind, displayName: 'Northwind', federatedWith: [tenants.contoso], ...domainsOf('northwind.com') },
      { kind: 'group', tenantId: tenants.contoso, id: group },
      ...[owner, ...Object.values(people)].map(userLine),
      ...[owner, people.groupMate].map((who) => memberLine(who, group)),
      ...[people.sister, people.both, people.brother, people.personalAunt].map((who) => relationLine(owner, 'family', who)),
      ...[people.friend, people.both].map((who) => relationLine(owner, 'contacts', who)),
      relationLine(people.admirer, 'family', owner),
      relationLine(people.admirer, 'contacts', owner),
      ...items.map(({ id, for: includes, createdDateTime }) => emailLine(owner, id, includes.join(','), createdDateTime)),
    ]),
  )

  for (const [reader, { who, in: belongsTo }] of Object.entries(readers)) {
    const shown = items.filter(({ for: includes }) => who === owner || includes.some((audience) => belongsTo.includes(audience)))
    const ids = shown.map(({ id }) => id)
    const emails = `/beta/users/${owner.id}/profile/emails`

    describe(`lets ${reader} see ${shown.length} of ${items.length} items`, () => {
      it('in the list, page after page', async () => {
        const token = await tokenFor(who)
        for (const size of ['', '?$top=7', '?$top=9&$skip=3']) {
          const seen: string[] = []
          for (let link: string | undefined = emails + size; link !== undefined; ) {
            const page: Answer = await ask(server, `GET ${link}`, { token })
            assert.equal(page.status, 200, page.text)
            const last = page.json['@odata.nextLink'] === undefined
            if (!last)
              assert.equal(idsIn(page).length, size === '' ? 100 : Number(/top=(\d)/.exec(size)?.[1]), 'a page is filled with what is seen')
            seen.push(...idsIn(page))
            link = page.json['@odata.nextLink']?.slice(server.http.length)
          }
          assert.deepEqual(seen, ids.slice(size.includes('skip') ? 3 : 0))
        }
      })

      it('in the counts', async () => {
        const token = await tokenFor(who)
        assert.equal((await ask(server, `GET ${emails}/$count`, { token })).text, String(ids.length))
        for (const more of ['', '&$top=3', '&$skip=5', '&$top=0'])
          assert.equal((await ask(server, `GET ${emails}?$count=true${more}`, { token })).json['@odata.count'], ids.length)
      })

      it('in the profile with its emails', async () => {
        const profile = await ask(server, `GET /beta/users/${owner.principalName}/profile?$expand=emails`, { token: await tokenFor(who) })
        assert.deepEqual(
          profile.json.emails.map(({ id }: { id: string }) => id),
          ids,
        )
      })

      it('by id, and answers any other as an id that nobody has', async () => {
        const token = await tokenFor(who)
        const unknown = await ask(server, `GET ${emails}/${randomUUID()}`, { token })
        assert.deepEqual([unknown.status, unknown.json.error.code], [404, 'ErrorItemNotFound'])
        for (const { id, for: includes } of items) {
          const answer = await ask(server, `GET ${emails}/${id}`, { token })
          if (ids.includes(id)) assert.deepEqual([answer.status, answer.json.id], [200, id], includes.join())
          else assert.deepEqual(comparable(answer), comparable(unknown), includes.join())
        }
      })
    })
  }

  it("is federated in one direction: the owner's tenant must list the reader's", async () => {
    const far = person('far', 'northwind.com', northwind)
    const [federated, own] = [randomUUID(), randomUUID()]
    await putRecords(server, [userLine(far), emailLine(far, federated, 'federatedOrganizations'), emailLine(far, own, 'organization')])
    const path = `GET /beta/users/${far.id}/profile/emails`
    assert.deepEqual(idsIn(await ask(server, path, { token: await tokenFor(demo('lee')) })), [federated])
    assert.deepEqual(idsIn(await ask(server, path, { token: await tokenFor(people.partner) })).toSorted(), [federated, own].toSorted())
    assert.equal((await ask(server, path, { token: await tokenFor(demo('jo')) })).status, 404)
  })

  it('is the organization where none is given, and changes with the next answer', async () => {
    const token = await tokenOf(server, demo('kim'), { scope: 'User.ReadWrite' })
    const readable = async () => {
      const statuses: number[] = []
      for (const who of [demo('kim'), demo('lee'), demo('jo'), demo('ari')])
        statuses.push((await ask(server, path, { token: await tokenFor(who) })).status)
      return statuses
    }
    const { id } = (await ask(server, 'POST /beta/me/profile/emails', { token, body: { address: 'kim@example.org' } })).json
    const path = `GET /beta/users/${demo('kim').id}/profile/emails/${id}`
    assert.deepEqual(await readable(), [200, 200, 404, 404])
    for (const [allowedAudiences, statuses] of [
      ['everyone', [200, 200, 200, 200]],
      ['me', [200, 404, 404, 404]],
      ['me,federatedOrganizations', [200, 200, 200, 404]],
      ['family, contacts', [200, 404, 404, 404]],
    ] as const) {
      await ask(server, `PATCH /beta/me/profile/emails/${id}`, { token, body: { allowedAudiences } })
      assert.deepEqual(await readable(), statuses, allowedAudiences)
    }
  })
})
