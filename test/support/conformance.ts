/** Answers held against our own OpenAPI documents: whatever a test asks for, what comes back must be as they say. */

import { AssertionError } from 'node:assert/strict'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { FeatureSettings } from '../../src/graph/describe/describe-service.ts'
import { openApi } from '../../src/graph/describe/render-documents.ts'
import type { Version } from '../../src/graph/operation.ts'
import { addFormats } from './formats.ts'

/** A request, and what came back. */
export interface Exchanged {
  readonly method: string
  /** Absolute, or from the version on. */
  readonly url: string
  readonly status: number
  readonly headers: Pick<Headers, 'get'>
  readonly body: string
}

interface Answer {
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>
  readonly content?: Readonly<Record<string, unknown>>
}

interface Operation {
  readonly responses: Readonly<Record<string, { readonly $ref: string } | Answer>>
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly headers: Readonly<Record<string, { readonly required?: boolean }>>
    readonly responses: Readonly<Record<string, Answer>>
  }
}

/** Throws an AssertionError that says where the answer is not as the document has it. */
export function checkAgainstOpenApi(exchanged: Exchanged): void {
  const { method, url } = exchanged
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '')
  const version = /^\/(v1\.0|beta)(?=\/|$)/i.exec(path)?.[1]?.toLowerCase()
  if ((version !== 'v1.0' && version !== 'beta') || method === 'OPTIONS' || method === 'HEAD') return
  const segments = segmentsOf(path.slice(version.length + 1))
  // What settings open is a 404 where they are closed, as of something that is nowhere.
  const isThere = exchanged.status !== 404 || templateOf(documentOf(version, {}), segments) !== undefined
  const document = documentOf(version, isThere ? everything : {})
  const template = templateOf(document, segments)
  const operation = template === undefined ? undefined : document.paths[template]?.[method.toLowerCase()]
  const fail = failing(exchanged)
  if (template === undefined || operation === undefined) {
    if (exchanged.status < 400) throw fail('is answered, and the document has no such operation')
    checkBody(version, '/components/schemas/microsoft.graph.ODataErrors.ODataError', exchanged)
    return
  }
  const described = operation.responses[exchanged.status]
  if (described === undefined) throw fail(`is answered with a status that ${template} has not`)
  const pointer =
    '$ref' in described ? described.$ref.slice(1) : `/paths/${escaped(template)}/${method.toLowerCase()}/responses/${exchanged.status}`
  checkAnswer(
    version,
    document,
    pointer,
    '$ref' in described ? document.components.responses[lastOf(described.$ref)] : described,
    exchanged,
  )
}

function checkAnswer(version: Version, document: Document, pointer: string, answer: Answer | undefined, exchanged: Exchanged): void {
  const fail = failing(exchanged)
  const { headers, status, body } = exchanged
  for (const [name, { $ref }] of Object.entries(answer?.headers ?? {}))
    if (document.components.headers[lastOf($ref)]?.required === true && headers.get(name) === null) throw fail(`lacks the header ${name}`)
  const mediaTypes = Object.keys(answer?.content ?? {})
  if (mediaTypes.length === 0) {
    if (body !== '') throw fail('has a body where none is described')
    return
  }
  const given = headers.get('content-type') ?? ''
  const mediaType = mediaTypes.find((known) => known === given.split(';', 1)[0])
  // What describes the service is no OData payload, but for the service document.
  const isPayload = status < 400 && mediaType === 'application/json' && !/metadata|openapi\.json|batch/.test(lastPathOf(exchanged.url))
  const form = isPayload ? odataJson.exec(given) : undefined
  if (mediaType === undefined || form === null) throw fail(`is of the type ${given}, not ${mediaTypes.join(' or ')}`)
  if (mediaType === 'application/xml') return
  const value = checkBody(version, `${pointer}/content/${escaped(mediaType)}/schema`, exchanged)
  const hasContext = typeof value === 'object' && value !== null && '@odata.context' in value
  if (form !== undefined && hasContext !== (form[1] !== 'none'))
    throw fail(`has ${hasContext ? 'a' : 'no'} context under metadata=${form[1]}`)
}

/** Where a document or a batch is, without `$`; the names of resources otherwise. */
function lastPathOf(url: string): string {
  return /\/(?:\$|%24)?(metadata|openapi\.json|batch)\/?(?:\?|$)/i.exec(url)?.[1]?.toLowerCase() ?? ''
}

const odataJson = /^application\/json;odata\.metadata=(none|minimal|full);odata\.streaming=true;IEEE754Compatible=false;charset=utf-8$/

/** The body as a value, when it fits the schema that the pointer leads to. */
function checkBody(version: Version, pointer: string, exchanged: Exchanged): unknown {
  const fail = failing(exchanged)
  const validate = validatorAt(version, pointer)
  let value: unknown
  try {
    value = JSON.parse(exchanged.body)
  } catch {
    throw fail('has a body that is no JSON')
  }
  if (validate(value)) return value
  const [first] = validate.errors ?? []
  const extra = Object.values(first?.params ?? {}).join(', ')
  throw fail(
    `has at ${first?.instancePath === '' ? 'its top' : first?.instancePath} what ${first?.schemaPath} refuses: ${first?.message} (${extra})`,
  )
}

function failing({ method, url, status, body }: Exchanged) {
  return (what: string) => new AssertionError({ message: `${method} ${url} → ${status} ${what}: ${body.slice(0, 600)}` })
}

const everything: FeatureSettings = { allowApplications: true, allowPersonalAccounts: true, profileInV1: true }
const documents = new Map<string, Document>()
const ajv = addFormats(new Ajv2020({ strict: false, validateSchema: false }))
const validators = new Map<string, ValidateFunction>()

function documentOf(version: Version, opened: FeatureSettings): Document {
  const key = `${version} ${opened === everything}`
  const known = documents.get(key)
  if (known !== undefined) return known
  const document = JSON.parse(openApi(version, 'https://localhost', { opened })) as Document // printed by openapi.ts
  documents.set(key, document)
  // Schemas are the same; the larger document has all of them.
  if (opened === everything) ajv.addSchema(document, version)
  return document
}

function validatorAt(version: Version, pointer: string): ValidateFunction {
  documentOf(version, everything)
  const reference = `${version}#${pointer}`
  const known = validators.get(reference)
  if (known !== undefined) return known
  const validate = ajv.compile({ $ref: encodeURI(reference) })
  validators.set(reference, validate)
  return validate
}

const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')
const lastOf = (reference: string) => reference.slice(reference.lastIndexOf('/') + 1)

/** A path's names and keys, each by itself: `users('x')` is two. undefined where a segment is not well formed. */
function segmentsOf(path: string): readonly string[] | undefined {
  try {
    const segments = path
      .replace(/\/$/, '')
      .split('/')
      .slice(1)
      .flatMap((written) => {
        const segment = decodeURIComponent(written)
        const [, name, key] = /^([^('@]+)\((?:\w+=)?'(.*)'\)$/s.exec(segment) ?? []
        return name === undefined || key === undefined ? [segment] : [name, key.replaceAll("''", "'")]
      })
    const [first = '', second = '', ...further] = segments
    return first.toLowerCase() === 'users' && /^(me-token-to-replace|tokentoreplace)$/i.test(second) ? ['me', ...further] : segments
  } catch {
    return undefined
  }
}

function templateOf({ paths }: Document, segments: readonly string[] | undefined): string | undefined {
  if (segments?.length === 0) return '/'
  return Object.keys(paths).find((template) => {
    const parts = template.split('/').slice(1)
    return parts.length === segments?.length && parts.every((part, index) => fits(part, segments[index] ?? ''))
  })
}

function fits(part: string, segment: string): boolean {
  if (!part.startsWith('{')) return part.toLowerCase() === segment.toLowerCase()
  return segment !== '' && (!segment.startsWith('$') || segment.includes('@'))
}
