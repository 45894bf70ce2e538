/** The service as an OpenAPI 3.1 document, printed from its description. */

import { suffixes } from '../url/path.ts'
import { parametersOf, pathParameters, sharedParameters } from './openapi-parameters.ts'
import { errorSchema, pageOf, referenceSchema, referTo, type Schema, schemasOf } from './openapi-schemas.ts'
import { servicePathItems, serviceSchemas } from './openapi-service.ts'
import type { DescribedOperation, DescribedResource, Example, Permissions, ServiceDescription } from './service-description.ts'

type JsonObject = Readonly<Record<string, unknown>>

export interface OpenApiDocument {
  readonly openapi: string
  readonly info: JsonObject
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, JsonObject>>
  readonly components: Readonly<Record<string, JsonObject>>
}

/** Where the service is reached, and who issues tokens for it: absolute, without a slash at the end. */
export interface ServiceUrls {
  readonly origin: string
  readonly issuer: string
}

export function openApiOf(description: ServiceDescription, { origin, issuer }: ServiceUrls): OpenApiDocument {
  const { version, resources } = description
  const openIdConnectUrl = `${issuer}/.well-known/openid-configuration`
  const scheme = (says: string) => ({ type: 'openIdConnect', openIdConnectUrl, description: says })
  return {
    openapi: '3.1.0',
    info: { title: 'Selfgraph', version, description: introduction, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: `${origin}/${version}` }],
    tags: [...new Set(resources.map(tagOf))].map((name) => ({ name })),
    paths: { ...servicePathItems(description.serves, anyToken), ...pathsOf(description) },
    components: {
      schemas: { ...schemasOf(description), ...serviceSchemas(description.serves) },
      parameters: sharedParameters(),
      headers: sharedHeaders,
      responses: errorResponses(resources),
      securitySchemes: {
        delegated: scheme('A token of a signed-in user; a scope stands in its claim `scp`.'),
        application: scheme('A token of an application without a user; a scope stands in its claim `roles`.'),
      },
    },
  }
}

/** Any token, whatever its scopes. */
const anyToken = [{ delegated: [] }, { application: [] }]

const introduction = `People’s email addresses, spoken of as Microsoft Graph does. Names in paths and in bodies, names of query options and
values of enumerations are taken in any case, and names of query options without their \`$\`; keys may be written as \`('…')\` too. HEAD is
answered wherever GET is, with the same headers and no body.`

function pathsOf({ namespace, resources }: ServiceDescription): OpenApiDocument['paths'] {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const resource of resources)
    for (const operation of resource.operations) {
      const path = pathOf(resource, operation)
      const parameters = pathParameters(path, resources)
      paths[path] ??= parameters.length === 0 ? {} : { parameters }
      paths[path][operation.verb.toLowerCase()] = operationObject(namespace, resource, operation)
    }
  return paths
}

/** The template of an operation's path. */
export function pathOf({ path, key }: DescribedResource, { on }: DescribedOperation): string {
  return path + suffixes[on].replace('{key}', `{${key}}`)
}

/** The last name of the path. */
function tagOf({ path }: DescribedResource): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function operationObject(namespace: string, resource: DescribedResource, operation: DescribedOperation): JsonObject {
  const { id, takes, who, permissions } = operation
  return {
    operationId: id,
    tags: [tagOf(resource)],
    description: `Any one of the permissions in a list suffices.\n\n${who.map((line) => `- ${line}`).join('\n')}`,
    security: alternatives(permissions),
    parameters: parametersOf(resource, operation),
    ...(takes === 'nothing' ? {} : { requestBody: requestBody(namespace, resource, operation) }),
    responses: { ...successes(namespace, resource, operation), ...failures(resource, operation) },
  }
}

/** Never empty: that would say that no token is asked for. */
function alternatives({ delegated, application }: Permissions): readonly JsonObject[] {
  const all = [...delegated.map(({ name }) => ({ delegated: [name] })), ...application.map(({ name }) => ({ application: [name] }))]
  return all.length === 0 ? anyToken : all
}

function requestBody(namespace: string, { type }: DescribedResource, { takes, examples }: DescribedOperation): JsonObject {
  const whole = takes === 'reference' ? referTo(referenceSchema) : referTo(`${namespace}.${type.name}`)
  const schema = takes === 'typedBody' ? { allOf: [whole, { type: 'object', required: ['@odata.type'] }] } : whole
  return { required: true, content: { 'application/json': { schema, ...examplesOf(examples, ({ body }) => body) } } }
}

function examplesOf(examples: readonly Example[], pick: (example: Example) => unknown): JsonObject {
  const picked = examples.map((example, index) => [`example${index + 1}`, example.says, pick(example)] as const)
  const shown = picked.filter(([, , value]) => value !== undefined)
  if (shown.length === 0) return {}
  return { examples: Object.fromEntries(shown.map(([name, summary, value]) => [name, { summary, value }])) }
}

const referenceAnswer: Schema = {
  type: 'object',
  required: ['@odata.id'],
  properties: { '@odata.context': { type: 'string', format: 'uri' }, '@odata.id': { type: 'string', format: 'uri' } },
  additionalProperties: false,
}

const always = ['request-id', 'client-request-id']

function successes(namespace: string, { type }: DescribedResource, operation: DescribedOperation): JsonObject {
  const name = `${namespace}.${type.name}`
  const answer = (status: number, description: string, headers: readonly string[], schema?: Schema, mediaType = 'application/json') => {
    const shown = examplesOf(
      operation.examples.filter((example) => example.status === status),
      (example) => example.answer,
    )
    const content = schema === undefined ? {} : { content: { [mediaType]: { schema, ...shown } } }
    return { [status]: { description, headers: headersOf([...always, 'OData-Version', ...headers]), ...content } }
  }
  const tag = operation.preconditions.length > 0 ? ['ETag'] : []
  switch (operation.answers) {
    case 'page':
      return answer(200, 'A page.', ['Preference-Applied'], referTo(pageOf(name)))
    case 'count':
      return answer(200, 'How many there are.', [], { type: 'integer', minimum: 0 }, 'text/plain')
    case 'entity':
      return {
        ...answer(200, 'The item.', tag, referTo(name)),
        ...(operation.preconditions.includes('If-None-Match') ? answer(304, 'The item still has the entity tag that was given.', tag) : {}),
      }
    case 'reference':
      return answer(200, 'Where the item is.', [], referenceAnswer)
    case 'created':
      return {
        ...answer(201, 'The new item.', ['Location', 'Preference-Applied'], referTo(name)),
        ...answer(204, 'Made, and not answered, as `Prefer: return=minimal` wants it.', ['Location', 'Preference-Applied']),
      }
    case 'updated': {
      const usual = (status: number) => (operation.status === status ? '' : ' Where `Prefer` asks for it.')
      return {
        ...answer(200, `The changed item.${usual(200)}`, ['Preference-Applied', ...tag], referTo(name)),
        ...answer(204, `Changed, and not answered.${usual(204)}`, ['Preference-Applied', ...tag]),
      }
    }
    case 'nothing':
      return answer(204, 'Done.', [])
  }
}

function headersOf(names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

const sharedHeaders: JsonObject = {
  'request-id': { description: 'Of this request in the server’s log.', required: true, schema: { type: 'string', format: 'uuid' } },
  'client-request-id': { description: 'As the client gave it, else as `request-id`.', required: true, schema: { type: 'string' } },
  'OData-Version': { required: true, schema: { type: 'string' } },
  'Preference-Applied': { description: 'Which preference was followed.', schema: { type: 'string' } },
  ETag: { description: 'The entity tag of the item as it is now.', schema: { type: 'string' } },
  Location: { description: 'Where the new item is.', required: true, schema: { type: 'string', format: 'uri' } },
  'WWW-Authenticate': { description: 'What sign-in is asked for.', required: true, schema: { type: 'string' } },
}

const nameOfFailure = (resource: DescribedResource, status: number) => `${resource.workload}.${status}`

function failures(resource: DescribedResource, { errors }: DescribedOperation): JsonObject {
  const statuses = [...new Set(errors.map(({ status }) => status))].toSorted((one, other) => one - other)
  return Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${nameOfFailure(resource, status)}` }]))
}

/** One for each status and part of the service, with the codes that its operations can end in. */
function errorResponses(resources: readonly DescribedResource[]): JsonObject {
  const found = new Map<string, { readonly status: number; readonly codes: Set<string>; readonly when: Set<string> }>()
  for (const resource of resources)
    for (const { status, code, when } of resource.operations.flatMap(({ errors }) => errors)) {
      const name = nameOfFailure(resource, status)
      const known = found.get(name) ?? { status, codes: new Set(), when: new Set() }
      found.set(name, { status, codes: known.codes.add(code), when: known.when.add(when) })
    }
  return Object.fromEntries(
    [...found].map(([name, { status, codes, when }]) => {
      const code = { type: 'object', properties: { error: { type: 'object', properties: { code: { enum: [...codes] } } } } }
      return [
        name,
        {
          description: [...when].map((line) => `- ${line}`).join('\n'),
          headers: headersOf(status === 401 ? [...always, 'WWW-Authenticate'] : always),
          content: { 'application/json': { schema: { allOf: [referTo(errorSchema), code] } } },
        },
      ]
    }),
  )
}
