/** The schemas of the OpenAPI documents: they take what is answered, and refuse everything else. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { examples } from '../../src/graph/describe/examples.ts'
import { openApi } from '../../src/graph/describe/render-documents.ts'
import { propertiesOf } from '../../src/model/edm.ts'
import { complexTypes, entityTypes, enumTypes } from '../../src/model/index.ts'
import type { Json } from '../support/ask.ts'
import { addFormats } from '../support/formats.ts'

const document: Json = JSON.parse(openApi('beta', 'https://graph.example'))
const ajv = addFormats(new Ajv2020({ strict: false, validateSchema: false })).addSchema(document, 'beta')
const takes = (type: string, value: unknown) => ajv.validate({ $ref: `beta#/components/schemas/microsoft.graph.${type}` }, value)

const email = {
  id: 'x',
  allowedAudiences: 'organization',
  address: 'kim@contoso.com',
  type: 'work',
  createdDateTime: '2026-01-31T12:00:00.1234567Z',
}

describe('A schema', () => {
  it('is there for each type that is served, with its members', () => {
    for (const type of [...complexTypes, ...entityTypes.filter(({ abstract }) => !abstract)]) {
      const schema = document.components.schemas[`microsoft.graph.${type.name}`]
      assert.ok(schema !== undefined, type.name)
      for (const [name, { readOnly, writeOnly, minimum, maximum }] of Object.entries(propertiesOf(type))) {
        const member = schema.properties[name]
        assert.deepEqual(
          [member.readOnly, member.writeOnly, member.minimum, member.maximum],
          [readOnly, writeOnly, minimum, maximum],
          `${type.name}/${name}`,
        )
      }
    }
  })

  it('asks for no member, since $select may leave any out', () => {
    for (const type of ['itemEmail', 'user', 'group', 'emailAuthenticationMethod', 'profile']) assert.ok(takes(type, {}), type)
  })

  it('refuses members that are not declared, and takes them where the type is open', () => {
    for (const type of ['itemEmail', 'group', 'emailAuthenticationMethod', 'inferenceData', 'profile', 'itemEmailCollectionResponse'])
      assert.ok(!takes(type, { value: [], favourite: 1 }), type)
    for (const type of ['user', 'identity', 'identitySet']) assert.ok(takes(type, { favourite: 1 }), type)
  })

  it('refuses members of another type, and null where it must not be', () => {
    assert.ok(takes('itemEmail', email))
    for (const wrong of [
      { address: 1 },
      { address: 'kim' },
      { type: null },
      { type: 'home' },
      { id: null },
      { createdDateTime: '2026-01-31T12:00:00+01:00' },
      { inference: { confidenceScore: 2 } },
      { createdBy: { user: 'Kim' } },
    ])
      assert.ok(!takes('itemEmail', { ...email, ...wrong }), JSON.stringify(wrong))
    for (const nothing of [{ address: null }, { inference: null }, { allowedAudiences: null }])
      assert.ok(takes('itemEmail', { ...email, ...nothing }))
  })

  it('takes control information where OData puts it, and of the own type only', () => {
    assert.ok(
      takes('itemEmail', {
        '@odata.context': 'https://graph.example/beta/$metadata#x',
        '@odata.etag': 'W/"1"',
        '@odata.type': '#microsoft.graph.itemEmail',
        'type@odata.type': '#microsoft.graph.emailType',
      }),
    )
    assert.ok(!takes('itemEmail', { '@odata.type': '#microsoft.graph.user' }))
    assert.ok(!takes('itemEmail', { '@odata.nonsense': 1 }))
  })

  for (const { name, flags, members } of enumTypes)
    it(`takes the members of ${name} as they are declared, ${flags ? 'several as well' : 'one at a time'}`, () => {
      const names = Object.keys(members).filter((member) => member !== 'unknownFutureValue')
      for (const member of names) assert.ok(takes(name, member), member)
      assert.equal(takes(name, names.slice(0, 2).join(',')), flags)
      for (const wrong of ['unknownFutureValue', 'nothing', '', `${names[0]}, ${names[1]}`, 0])
        assert.ok(!takes(name, wrong), String(wrong))
    })

  it('of an abstract type takes what derives from it', () => {
    assert.ok(takes('authenticationMethod', { emailAddress: 'kim@contoso.com' }))
    assert.ok(!takes('authenticationMethod', { phoneNumber: '1' }))
  })

  it('of an error asks for its code, its sentence and the ids of the request', () => {
    const innerError = { date: '2026-01-31T12:00:00', 'request-id': 'x', 'client-request-id': 'x' }
    assert.ok(takes('ODataErrors.ODataError', { error: { code: 'x', message: 'x', innerError } }))
    for (const wrong of [
      {},
      { error: {} },
      { error: { code: 'x', message: '', innerError } },
      { error: { code: 'x', message: 'x' } },
      { error: { code: 'x', message: 'x', innerError, more: 1 } },
    ])
      assert.ok(!takes('ODataErrors.ODataError', wrong))
  })

  for (const version of ['v1.0', 'beta'] as const)
    it(`takes the examples of ${version}, which the document shows`, () => {
      const text = openApi(version, 'https://graph.example')
      const { paths } = JSON.parse(text)
      const operations = Object.values<Json>(paths).flatMap((item) => Object.values<Json>(item))
      const own = addFormats(new Ajv2020({ strict: false, validateSchema: false })).addSchema(JSON.parse(text), version)
      for (const [operationId, all] of Object.entries(examples[version])) {
        const operation = operations.find((one) => one.operationId === operationId)
        for (const { status, answer, body } of all) {
          const [content] = Object.values<Json>(operation.responses[status].content ?? {})
          assert.deepEqual(content?.examples?.example1?.value, answer)
          if (content !== undefined) assert.ok(own.validate(within(content.schema, version), answer), own.errorsText())
          const sent = operation.requestBody?.content['application/json']
          assert.deepEqual(sent?.examples?.example1?.value, body)
          if (sent !== undefined) assert.ok(own.validate(within(sent.schema, version), body), own.errorsText())
        }
      }
    })
})

/** A schema of one reference, from the document's root. */
function within(schema: Json, version: string): Json {
  return '$ref' in schema ? { $ref: `${version}${schema.$ref}` } : schema
}
