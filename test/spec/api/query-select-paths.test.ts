import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { emails, membersOf, patsToken, putPat, questions } from '../../support/queries.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer } from '../../support/server.ts'

const server = await startServer()
await putPat(server, { identities: [{ signInType: 'federated', issuer: 'fabrikam.com', issuerAssignedId: 'p' }] })
const { get } = questions(server, await patsToken(server, { scope: 'User.ReadWrite User.Read.All UserAuthenticationMethod.Read' }))

/** An item without its control information. */
async function selected(path: string): Promise<unknown> {
  const { status, json, text } = await get(path)
  assert.equal(status, 200, text)
  return Object.fromEntries(membersOf(json).map((name) => [name, json[name]]))
}

describe('$select of paths', () => {
  for (const [select, expected] of Object.entries({
    'inference/confidenceScore': { inference: { confidenceScore: 0.25 } },
    'INFERENCE/CONFIDENCESCORE,address': { inference: { confidenceScore: 0.25 }, address: 'Anna@contoso.com' },
    'inference/userHasVerifiedAccuracy,inference/confidenceScore': { inference: { userHasVerifiedAccuracy: true, confidenceScore: 0.25 } },
    'inference/confidenceScore,inference': { inference: { confidenceScore: 0.25, userHasVerifiedAccuracy: true } },
    'source/type,type': { source: { type: ['AAD', 'User'] }, type: 'work' },
    'createdBy/user/id': { createdBy: null },
  }))
    it(`${select} gives just that`, async () => {
      assert.deepEqual(await selected(`${emails}/a?$select=${select}`), expected)
    })

  it('gives null along the way where something is null', async () => {
    assert.deepEqual(await selected(`${emails}/b?$select=inference/confidenceScore,createdBy/user/id,createdBy/application/id`), {
      inference: null,
      createdBy: { user: { id: 'K1' }, application: null },
    })
  })

  it('gives them of each item of a list, and names them in the context', async () => {
    const { json } = await get(`${emails}?$select=inference/confidenceScore&$filter=inference ne null&$orderby=id`)
    assert.ok(json['@odata.context'].endsWith('/profile/emails(inference/confidenceScore)'), json['@odata.context'])
    assert.deepEqual(
      json.value.map(({ inference }: { inference: object }) => inference),
      [{ confidenceScore: 0.25 }, { confidenceScore: 0.75 }, { confidenceScore: 1 }, { confidenceScore: 0 }],
    )
  })

  it('goes into each element of a collection', async () => {
    assert.deepEqual(await selected('/v1.0/me?$select=identities/issuer,id'), {
      identities: [{ issuer: 'fabrikam.com' }],
      id: 'aaaaaaaa-0000-4000-8000-000000000001',
    })
  })

  it('works together with every amount of metadata', async () => {
    const none = await get(`${emails}/a?$select=inference/confidenceScore&$format=application/json;odata.metadata=none`)
    assert.equal(none.text, '{"inference":{"confidenceScore":0.25}}')
    const full = await get(`${emails}/a?$select=inference/confidenceScore`, { Accept: 'application/json;odata.metadata=full' })
    assert.deepEqual(full.json.inference, { '@odata.type': '#microsoft.graph.inferenceData', confidenceScore: 0.25 })
  })

  for (const [select, says] of Object.entries({
    'inference/nothing': "Character 11: could not find a property named 'nothing' on type 'microsoft.graph.inferenceData'.",
    'address/x': 'Character 9: there are no members here.',
    'id,createdBy/user/name': "Character 19: could not find a property named 'name' on type 'microsoft.graph.identity'.",
    'inference/': "Character 11: expected the name of a property, or '*', found the end.",
  }))
    it(`is a 400 that says where, for what is not there: ${select}`, async () => {
      const answer = await get(`${emails}?$select=${select}`)
      assertRefused(answer, 400, 'badRequest', '$select')
      assert.equal(answer.json.error.message, says)
    })

  for (const [select, construct] of Object.entries({
    'source($top=1)': 'options inside $select',
    'microsoft.graph.itemEmail/address': 'type casts such as microsoft.graph.itemEmail',
    'microsoft.graph.*': 'operations in $select',
    '@org.term': 'annotations in $select',
  }))
    it(`is a 501 that names what OData knows and is not served: ${select}`, async () => {
      const answer = await get(`${emails}?$select=${select}`)
      assertRefused(answer, 501, 'NotImplemented', '$select')
      assert.equal(answer.json.error.message, `This server does not support ${construct}.`)
    })

  it('of what $expand is for is a 501', async () => {
    assertRefused(await get('/beta/me/profile?$select=id,emails&$expand=emails'), 501, 'NotImplemented', '$select')
  })

  it('never gives a password or what belongs to it', async () => {
    assert.deepEqual(await selected('/v1.0/me?$select=passwordProfile/password,passwordProfile/forceChangePasswordNextSignIn'), {
      passwordProfile: null,
    })
  })
})
