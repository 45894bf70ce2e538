/** The query options and headers of a request as OpenAPI parameters. */

import { propertiesOf } from '../../model/edm.ts'
import type { Schema } from './openapi-schemas.ts'
import type { DescribedOperation, DescribedResource } from './service-description.ts'

type Parameter = Readonly<Record<string, unknown>>

const text: Schema = { type: 'string' }
const whole: Schema = { type: 'integer', minimum: 0 }
const list: Schema = { type: 'array', items: text }

/** Query options whose form is the same everywhere; one that is not here is a text. */
const options: Readonly<Record<string, { readonly schema: Schema; readonly description: string }>> = {
  top: { schema: { ...whole, maximum: 999 }, description: 'How many items a page holds at most.' },
  skip: { schema: whole, description: 'How many items are passed over at the beginning.' },
  count: { schema: { type: 'boolean' }, description: 'Whether `@odata.count` tells how many there are on all pages.' },
  skiptoken: { schema: text, description: 'Out of an `@odata.nextLink`; opaque.' },
  filter: { schema: text, description: 'Which items are wanted, in the words of OData.' },
  orderby: { schema: list, description: 'In what order, each member with `asc` or `desc` behind it.' },
  search: { schema: text, description: 'Words that are looked for.' },
}

const headers = {
  clientRequestId: {
    name: 'client-request-id',
    in: 'header',
    description: 'Echoed, so that a client finds its request again in the server’s log.',
    schema: { type: 'string', maxLength: 128 },
  },
  prefer: {
    name: 'Prefer',
    in: 'header',
    description: '`return=representation` or `return=minimal` for writes, `odata.maxpagesize=…` for lists.',
    schema: text,
  },
  'If-Match': {
    name: 'If-Match',
    in: 'header',
    description: 'Written where the item still has one of these entity tags; else 412.',
    schema: text,
  },
  'If-None-Match': {
    name: 'If-None-Match',
    in: 'header',
    description: 'Answered where the item has another entity tag; else 304.',
    schema: text,
  },
} as const satisfies Record<string, Parameter>

/** The parameters that operations refer to, by the name of the component. */
export function sharedParameters(): Readonly<Record<string, Parameter>> {
  const query = Object.entries(options).map(([name, option]) => [
    name,
    { name: `$${name}`, in: 'query', ...option, ...listStyle(option.schema) },
  ])
  return { ...Object.fromEntries(query), ...headers }
}

const shared = (name: string): Parameter => ({ $ref: `#/components/parameters/${name}` })

/** The parameters of an operation; the keys of its path are `pathParameters`. */
export function parametersOf(
  resource: DescribedResource,
  { query, consistency, preconditions, answers }: DescribedOperation,
): readonly Parameter[] {
  const required = { name: 'ConsistencyLevel', in: 'header', required: true, schema: { type: 'string', const: consistency } }
  return [
    ...query.map((name) => optionOf(resource, name)),
    ...(consistency === undefined ? [] : [required]),
    ...preconditions.map((name) => shared(name)),
    ...(['page', 'created', 'updated'].includes(answers) ? [shared('prefer')] : []),
    shared('clientRequestId'),
  ]
}

function optionOf({ type, expandable }: DescribedResource, name: string): Parameter {
  if (Object.hasOwn(options, name)) return shared(name)
  const head = { name: `$${name}`, in: 'query' }
  const names = { select: Object.keys(propertiesOf(type)), expand: expandable }[name]
  if (names === undefined) return { ...head, schema: text }
  const description = `${name === 'select' ? 'Members to answer' : 'What to answer along'}: ${names.map((one) => `\`${one}\``).join(', ')}.`
  return { ...head, description, schema: list, ...listStyle(list) }
}

/** Lists are one value with commas. */
function listStyle({ type }: Schema): Parameter {
  return type === 'array' ? { style: 'form', explode: false } : {}
}

/** The keys in a path's template. */
export function pathParameters(path: string, resources: readonly DescribedResource[]): readonly Parameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const before = path.slice(0, path.indexOf(`/{${name}}`))
    const type = resources.find((resource) => resource.path === before && resource.key === name)?.type
    const hasName = type !== undefined && 'userPrincipalName' in propertiesOf(type)
    const description = `The ${hasName ? 'id or userPrincipalName' : 'id'} of the ${type?.name ?? name}.`
    return { name, in: 'path', required: true, description, schema: text }
  })
}
