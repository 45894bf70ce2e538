/** The OpenAPI documents: valid by the standard, and of every operation's row what the row says. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { errors } from '../../src/errors.ts'
import { describeService } from '../../src/graph/describe/describe-service.ts'
import { openApi } from '../../src/graph/describe/render-documents.ts'
import { resources } from '../../src/graph/index.ts'
import type { Resource } from '../../src/graph/operation.ts'
import { openApiOf } from '../../src/odata/service/openapi.ts'
import { servicePaths } from '../../src/odata/service/openapi-service.ts'
import { suffixes } from '../../src/odata/url/path.ts'
import type { Json } from '../support/ask.ts'

const origin = 'https://graph.example'
const everything = { allowApplications: true, allowPersonalAccounts: true, profileInV1: true }
const versions = ['v1.0', 'beta'] as const

for (const version of versions)
  for (const [said, opened] of Object.entries({ 'as it is by default': {}, 'with everything that settings open': everything }))
    describe(`The OpenAPI document of ${version}, ${said}`, () => {
      const document: Json = JSON.parse(openApi(version, origin, { opened }))
      const served = resources.filter(({ versions: where }) => where === 'both' || version === 'beta' || 'profileInV1' in opened)
      const rows = served.flatMap((resource) => Object.values(resource.operations).flatMap((row) => formsOf(resource, row)))

      it('is valid OpenAPI 3.1, and its references lead somewhere', async () => {
        assert.ok(await isValid(document))
        for (const reference of JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g))
          assert.ok(at(document, reference[1] ?? '') !== undefined, reference[1])
      })

      it('has the operations of the rows, and no others', () => {
        const own = Object.entries<Json>(document.paths).filter(([path]) => !Object.values(servicePaths).includes(path))
        const described = own.flatMap(([path, item]) =>
          Object.keys(item)
            .filter((name) => name !== 'parameters')
            .map((verb) => `${verb.toUpperCase()} ${path}`),
        )
        assert.deepEqual(described.toSorted(), rows.map(({ name }) => name).toSorted())
      })

      for (const { name, path, row } of rows)
        it(`has ${name} with its permissions, its options and what it answers`, () => {
          const operation = document.paths[path][row.verb.toLowerCase()]
          assert.deepEqual(operation.security.map(scopeOf).toSorted(), scopesOf(row, path, opened).toSorted())
          const parameters = [...(document.paths[path].parameters ?? []), ...operation.parameters].map((one: Json) =>
            '$ref' in one ? at(document, one.$ref.slice(1)) : one,
          )
          const named = (where: string) => parameters.filter((one) => one.in === where).map((one) => one.name)
          assert.deepEqual(
            named('query'),
            (row.query ?? []).map((option) => `$${option}`),
          )
          assert.deepEqual(
            named('path'),
            [...path.matchAll(/\{(\w+)\}/g)].map(([, key]) => key),
          )
          assert.equal(parameters.find((one) => one.name === 'ConsistencyLevel')?.schema.const, row.consistency)
          assert.equal(operation.requestBody !== undefined, 'takes' in row)
          const successes = {
            page: ['200'],
            count: ['200'],
            entity: ['200', '304'],
            reference: ['200'],
            created: ['201', '204'],
            updated: ['200', '204'],
            nothing: ['204'],
          }
          assert.deepEqual(
            Object.keys(operation.responses).filter((status) => status < '400'),
            successes[row.answers],
          )
        })

      it('gives each operation a name of its own, and failures that are known', () => {
        const operations = operationsOf(document)
        assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length)
        const ofRows = operations.filter(({ tags }) => !tags.includes('service'))
        const known = new Set(Object.values(errors).map(({ status }) => String(status)))
        for (const { operationId, responses } of ofRows) {
          const failures = Object.keys(responses).filter((status) => status >= '400')
          for (const status of ['400', '401', '403', '500', '503']) assert.ok(failures.includes(status), `${operationId} lacks ${status}`)
          for (const status of failures) assert.ok(known.has(status), `${operationId} has ${status}`)
        }
      })
    })

describe('The OpenAPI document', () => {
  it('says where the server is reached, and who issues its tokens', () => {
    const document = JSON.parse(openApi('v1.0', 'https://graph.example$&', { issuer: 'https://issuer.example' }))
    assert.deepEqual(document.servers, [{ url: 'https://graph.example$&/v1.0' }])
    for (const scheme of ['delegated', 'application'])
      assert.equal(document.components.securitySchemes[scheme].openIdConnectUrl, 'https://issuer.example/.well-known/openid-configuration')
  })

  it('leaves no operation of a row without a token, whatever the row asks', () => {
    // The service's own documents are for everybody, and no rows.
    const service = { ...describeService('v1.0'), serves: [] }
    const nobodys = service.resources.map((resource) => ({
      ...resource,
      operations: resource.operations.map((operation) => ({ ...operation, permissions: { delegated: [], application: [] } })),
    }))
    for (const description of [service, { ...service, resources: nobodys }])
      for (const operation of operationsOf(openApiOf(description, { origin, issuer: origin }))) {
        assert.ok(operation.security.length > 0)
        for (const alternative of operation.security) assert.equal(Object.keys(alternative).length, 1)
      }
  })

  it('has what the service offers besides, where it does, and stays valid', async () => {
    const serves = ['serviceDocument', 'metadata', 'openApi', 'batch'] as const
    const document: Json = openApiOf({ ...describeService('v1.0'), serves }, { origin, issuer: origin })
    for (const name of serves) assert.ok(servicePaths[name] in document.paths)
    for (const name of serves)
      assert.ok(!(servicePaths[name] in openApiOf({ ...describeService('v1.0'), serves: [] }, { origin, issuer: origin }).paths))
    assert.deepEqual([await isValid(document), document.paths['/$metadata'].get.security], [true, []])
    assert.deepEqual(document.paths['/$batch'].post.security, [{ delegated: [] }, { application: [] }])
  })

  it('tells of entity tags where an operation compares them, and of none where it does not', async () => {
    const service = describeService('v1.0')
    const printed = (preconditions: readonly ('If-Match' | 'If-None-Match')[]): Json => {
      const resources = service.resources.map((resource) => ({
        ...resource,
        operations: resource.operations.map((operation) => ({ ...operation, preconditions })),
      }))
      return openApiOf({ ...service, resources }, { origin, issuer: origin })
    }
    const get = (document: Json) => document.paths['/me'].get
    const headers = (document: Json) => get(document).parameters.map(({ $ref }: Json) => $ref?.split('/').at(-1))
    const [tagged, untagged] = [printed(['If-None-Match']), printed([])]
    assert.deepEqual(
      [await isValid(tagged), '304' in get(tagged).responses, 'ETag' in get(tagged).responses[200].headers],
      [true, true, true],
    )
    assert.ok(headers(tagged).includes('If-None-Match'))
    assert.deepEqual(['304' in get(untagged).responses, 'ETag' in get(untagged).responses[200].headers], [false, false])
    assert.ok(!headers(untagged).includes('If-None-Match'))
  })

  it('has the failures that an operation alone can end in with it alone', () => {
    const { paths } = JSON.parse(openApi('v1.0', origin))
    assert.ok('409' in paths['/me/authentication/emailMethods'].post.responses)
    assert.ok(!('409' in paths['/me/authentication/emailMethods'].get.responses))
    assert.ok('413' in paths['/users'].post.responses)
    assert.ok(!('413' in paths['/users'].get.responses))
    assert.ok(!('404' in paths['/users'].get.responses))
    assert.ok('404' in paths['/users/{user}'].get.responses)
  })
})

/** By the standard's own schema; throws with what it finds. */
async function isValid(document: Json): Promise<boolean> {
  const validator = new Validator()
  const { valid, errors: found } = await validator.validate(structuredClone(document))
  assert.deepEqual([found ?? [], validator.version], [[], '3.1'])
  return valid
}

function operationsOf({ paths }: Json): readonly Json[] {
  return Object.values<Json>(paths).flatMap(({ parameters: _, ...item }) => Object.values<Json>(item))
}

type Row = Resource['operations'][string]

/** The paths of a row: those on a person are there for /me as well. */
function formsOf({ path, key }: Resource, row: Row): readonly { readonly name: string; readonly path: string; readonly row: Row }[] {
  const whole = path + suffixes[row.on].replace('{key}', `{${key}}`)
  const paths = whole.startsWith('/users/{user}') ? [whole, whole.replace('/users/{user}', '/me')] : [whole]
  return paths.map((each) => ({ name: `${row.verb} ${each}`, path: each, row }))
}

function scopesOf({ needs }: Row, path: string, opened: Readonly<Record<string, boolean>>): readonly string[] {
  const own = path.startsWith('/me')
  const users = needs.on !== 'person' ? [needs.delegated, needs.personal] : [needs.self, needs.personal, ...(own ? [] : [needs.others])]
  const names = (sufficient: readonly (typeof needs.application)[]) =>
    sufficient.filter(({ onlyWith }) => onlyWith === undefined || opened[onlyWith] === true).flatMap(({ permissions }) => permissions)
  const delegated = new Set(names(users).map((name) => `delegated ${name}`))
  const application = new Set(own ? [] : names([needs.application]).map((name) => `application ${name}`))
  return [...delegated, ...application]
}

function scopeOf(alternative: Readonly<Record<string, readonly string[]>>): string {
  const [[scheme, scopes] = ['', []], ...more] = Object.entries(alternative)
  assert.deepEqual([scopes.length, more], [1, []])
  return `${scheme} ${scopes[0]}`
}

/** What a JSON pointer leads to. */
function at(document: Json, pointer: string): Json {
  return pointer
    .split('/')
    .slice(1)
    .reduce((value, name) => value?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], document)
}
