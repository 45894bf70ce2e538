/** The paths of a service besides its resources, for OpenAPI: its own documents, and batches (OData 4.01, JSON Format section 19). */

import { errorSchema, referTo, type Schema } from './openapi-schemas.ts'
import type { ServicePath } from './service-description.ts'

type JsonObject = Readonly<Record<string, unknown>>

/** Where each of them is, from the service root on. */
export const servicePaths: Readonly<Record<ServicePath, string>> = {
  serviceDocument: '/',
  metadata: '/$metadata',
  openApi: '/openapi.json',
  batch: '/$batch',
}

/** How many requests a batch holds at most. */
const largestBatch = 20

/** The path items of those that are there, by path. `bearer`: what a request with a token says of itself. */
export function servicePathItems(served: readonly ServicePath[], bearer: readonly JsonObject[]): Readonly<Record<string, JsonObject>> {
  const items: Readonly<Record<ServicePath, JsonObject>> = {
    serviceDocument: document('serviceDocument', 'What paths begin with.', { 'application/json': { schema: serviceDocument } }),
    metadata: document('metadata', 'The types and the container, as OData describes them.', {
      'application/xml': { schema: { type: 'string' } },
      'application/json': { schema: { type: 'object', required: ['$Version'] } },
    }),
    openApi: document('openApi', 'This document.', { 'application/json': { schema: { type: 'object', required: ['openapi'] } } }),
    batch: batchItem(bearer),
  }
  return Object.fromEntries(served.map((name) => [servicePaths[name], items[name]]))
}

/** The schemas that go with them. */
export function serviceSchemas(served: readonly ServicePath[]): Readonly<Record<string, Schema>> {
  return served.includes('batch') ? { [batchRequest]: requestSchema, [batchResponse]: responseSchema } : {}
}

const failure = (description: string): JsonObject => ({ description, content: { 'application/json': { schema: referTo(errorSchema) } } })

function document(operationId: string, description: string, content: JsonObject): JsonObject {
  const responses = { 200: { description, content }, 400: failure('`$format`, `OData-Version` or `OData-MaxVersion` has a bad value.') }
  return { get: { operationId, tags: ['service'], description, security: [], responses } }
}

const batchRequest = 'microsoft.graph.BatchRequest'
const batchResponse = 'microsoft.graph.BatchResponse'

function batchItem(security: readonly JsonObject[]): JsonObject {
  const json = (name: string): JsonObject => ({ content: { 'application/json': { schema: referTo(name) } } })
  const failures = {
    400: 'The batch cannot be read.',
    401: 'No token, or none that counts.',
    413: 'The batch is too large.',
    415: 'It is no JSON.',
  }
  return {
    post: {
      operationId: 'batch',
      tags: ['service'],
      description: 'Several requests in one; each needs what it needs by itself, and is answered by itself.',
      security,
      requestBody: { required: true, ...json(batchRequest) },
      responses: {
        200: { description: 'An answer for each request, in any order.', ...json(batchResponse) },
        ...Object.fromEntries(Object.entries(failures).map(([status, words]) => [status, failure(words)])),
      },
    },
  }
}

const headers: Schema = { type: 'object', additionalProperties: { type: 'string' } }

const requestSchema: Schema = {
  type: 'object',
  required: ['requests'],
  properties: {
    requests: {
      type: 'array',
      maxItems: largestBatch,
      items: {
        type: 'object',
        required: ['id', 'method', 'url'],
        properties: {
          id: {
            type: ['string', 'number'],
            description: 'Of this request within the batch; no two differ by case alone. A number stands for its text.',
          },
          method: { type: 'string', enum: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'] },
          url: { type: 'string', description: 'From the version on: `/me`.' },
          headers,
          body: {},
          dependsOn: { type: 'array', items: { type: ['string', 'number'] }, description: 'Requests that must have succeeded before.' },
        },
      },
    },
  },
}

const responseSchema: Schema = {
  type: 'object',
  required: ['responses'],
  properties: {
    responses: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'status'],
        properties: { id: { type: 'string' }, status: { type: 'integer' }, headers, body: {} },
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
}

const serviceDocument: Schema = {
  type: 'object',
  required: ['@odata.context', 'value'],
  properties: {
    '@odata.context': { type: 'string', format: 'uri' },
    value: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'kind', 'url'],
        properties: { name: { type: 'string' }, kind: { enum: ['EntitySet', 'Singleton'] }, url: { type: 'string' } },
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
}
