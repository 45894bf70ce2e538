/** Entities to OData JSON: control information, `$select`, the three amounts of metadata. */

import { type EntityType, type Property, propertiesOf, type StructuredType } from '../model/edm.ts'
import { namespace } from '../model/index.ts'
import type { Metadata } from './preferences.ts'

export interface Item {
  /** The type that the item really has. */
  readonly type: EntityType
  /** A record by declared names, or the JSON text of its default members, ready to be sent. */
  readonly value: Readonly<Record<string, unknown>> | string
  /** Path of the item from the service root, without a leading slash. */
  readonly path: () => string
  /** Contained items that `$expand` asked for, by the name that leads to them; `context` is absolute. */
  readonly expanded?: Readonly<Record<string, { readonly context: string; readonly items: readonly Item[] }>>
}

export interface Form {
  readonly metadata: Metadata
  /** Declared names in the type's order; undefined: those that are answered by default. */
  readonly select: readonly string[] | undefined
  /** Say the type even where it is the declared one. */
  readonly typed: boolean
}

/** One item as JSON text, without context. */
export function renderItem(item: Item, { metadata, select, typed }: Form): string {
  if (typeof item.value === 'string' && metadata !== 'full' && select === undefined) {
    return typed && metadata === 'minimal' ? `{"@odata.type":"#${namespace}.${item.type.name}",${item.value.slice(1)}` : item.value
  }
  const record = typeof item.value === 'string' ? (JSON.parse(item.value) as Record<string, unknown>) : item.value // stored text is an object of ours
  const out: Record<string, unknown> = {}
  if (metadata === 'full' || (typed && metadata === 'minimal')) out['@odata.type'] = `#${namespace}.${item.type.name}`
  if (metadata === 'full') {
    out['@odata.id'] = out['@odata.editLink'] = item.path()
  }
  const properties = propertiesOf(item.type)
  for (const name of select ?? defaultNames(item.type)) {
    const property = properties[name]
    if (property === undefined) continue
    const value =
      (property.writeOnly === true ? null : record[name]) ?? (property.collection === true && property.nullable === false ? [] : null)
    if (metadata === 'full') addTypeOf(out, name, property, value)
    out[name] = metadata === 'full' ? withTypes(property, value) : value
  }
  for (const [name, { context, items }] of Object.entries(item.expanded ?? {})) {
    if (metadata !== 'none') out[`${name}@odata.context`] = context
    out[name] = items.map((contained) => JSON.parse(renderItem(contained, { metadata, select: undefined, typed: false })) as unknown)
  }
  return JSON.stringify(out)
}

/** The stored form of an entity: JSON text of its default members, in the type's order, null where there is nothing. */
export function renderStored(type: EntityType, record: Readonly<Record<string, unknown>>): string {
  return renderItem({ type, value: record, path: () => '' }, { metadata: 'minimal', select: undefined, typed: false })
}

/** An entity as a whole answer. `context` is the absolute context URL. */
export function renderEntity(context: string, item: Item, form: Form): string {
  const text = renderItem(item, form)
  if (form.metadata === 'none') return text
  return `{"@odata.context":${JSON.stringify(context)}${text === '{}' ? '}' : `,${text.slice(1)}`}`
}

/** A page of a collection. `rendered` are items' JSON texts; `next` is absolute. */
export function renderPage(
  context: string,
  rendered: readonly string[],
  { metadata }: Form,
  { count, next }: { count?: number | undefined; next?: string | undefined },
): string {
  const head = metadata === 'none' ? '{' : `{"@odata.context":${JSON.stringify(context)},`
  const counted = count === undefined ? '' : `"@odata.count":${count},`
  const linked = next === undefined ? '' : `"@odata.nextLink":${JSON.stringify(next)},`
  return `${head}${counted}${linked}"value":[${rendered.join(',')}]}`
}

const namesByDefault = new WeakMap<EntityType, readonly string[]>()

function defaultNames(type: EntityType): readonly string[] {
  const known = namesByDefault.get(type)
  if (known !== undefined) return known
  const names = Object.entries(propertiesOf(type))
    .filter(([, property]) => property.onSelect !== true)
    .map(([name]) => name)
  namesByDefault.set(type, names)
  return names
}

/** The types that a reader could not tell from the JSON value (OData JSON 4.01, section 4.6.3). */
function addTypeOf(out: Record<string, unknown>, name: string, { type, collection }: Property, value: unknown): void {
  if (value === null) return
  const single = typeof type === 'string' ? type.replace('Edm.', '') : `${namespace}.${type.name}`
  if (collection === true) out[`${name}@odata.type`] = `#Collection(${single})`
  else if (typeof type === 'string' ? !['Edm.String', 'Edm.Boolean', 'Edm.Double'].includes(type) : type.kind === 'enum')
    out[`${name}@odata.type`] = `#${single}`
}

function withTypes({ type, collection }: Property, value: unknown): unknown {
  if (typeof type === 'string' || type.kind === 'enum' || value === null) return value
  return collection === true ? (value as readonly unknown[]).map((member) => complexWithTypes(type, member)) : complexWithTypes(type, value)
}

function complexWithTypes(type: StructuredType, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const properties = propertiesOf(type)
  const out: Record<string, unknown> = { '@odata.type': `#${namespace}.${type.name}` }
  for (const [name, member] of Object.entries(value)) {
    const property = properties[name]
    out[name] = property === undefined ? member : withTypes(property, member)
  }
  return out
}
