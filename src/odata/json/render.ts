/** Entities to OData JSON: control information, `$select`, the three amounts of metadata. */

import { type EntityType, type Property, propertiesOf, type StructuredType } from '../../model/edm.ts'
import { namespace } from '../../model/index.ts'
import { branchesOf, pickPaths } from './branches.ts'
import { renderTag, type Tagged } from './etags.ts'
import type { Metadata } from './preferences.ts'

export interface Item extends Tagged {
  /** The type that the item really has. */
  readonly type: EntityType
  /** A record by declared names, or the JSON text of its default members, ready to be sent. */
  readonly value: Readonly<Record<string, unknown>> | string
  /** Path of the item from the service root, without a leading slash. */
  readonly path: () => string
  /** Keys that lead to what the item holds; those of the path that was asked for where there are none. */
  readonly keys?: Readonly<Record<string, string>>
  /** Expanded entities, by the name of the navigation property. */
  readonly expanded?: Readonly<Record<string, Expanded>>
}

export interface Expanded {
  /** Absolute. */
  readonly context: string
  /** One where the name leads to one thing. */
  readonly items: readonly Item[]
  readonly isCollection: boolean
  /** Items are said to be of their type where it is not this one. */
  readonly type: EntityType
  readonly select: readonly string[] | undefined
  readonly count?: number | undefined
  /** Absolute. */
  readonly next?: string | undefined
}

export interface Form {
  readonly metadata: Metadata
  /** Declared names in the type's order; undefined: those that are answered by default. */
  readonly select: readonly string[] | undefined
  /** Every declared member where `select` names none, those that are answered for $select alone too. */
  readonly whole?: boolean
  /** Say the type even where it is the declared one. */
  readonly typed: boolean
  /** The key for entity tags; undefined: the answer has none. */
  readonly tagKey?: string
}

/** One item as JSON text, without context. */
export function renderItem(item: Item, form: Form): string {
  const { metadata, select, typed, tagKey } = form
  const tag = metadata === 'none' || tagKey === undefined ? undefined : renderTag(tagKey, item, metadata)
  if (typeof item.value === 'string' && metadata !== 'full' && select === undefined) {
    const type = typed && metadata === 'minimal' ? `"@odata.type":"#${namespace}.${item.type.name}",` : ''
    const tagged = tag === undefined ? '' : `"@odata.etag":${JSON.stringify(tag)},`
    return type === '' && tagged === '' ? item.value : `{${type}${tagged}${item.value.slice(1)}`
  }
  const record = typeof item.value === 'string' ? (JSON.parse(item.value) as Record<string, unknown>) : item.value // stored text is an object of ours
  const out: Record<string, unknown> = {}
  if (metadata === 'full' || (typed && metadata === 'minimal')) out['@odata.type'] = `#${namespace}.${item.type.name}`
  if (metadata === 'full') out['@odata.id'] = item.path()
  if (tag !== undefined) out['@odata.etag'] = tag
  if (metadata === 'full') out['@odata.editLink'] = item.path()
  const properties = propertiesOf(item.type)
  const chosen = select === undefined ? undefined : branchesOf(select)
  for (const name of chosen?.keys() ?? (form.whole === true ? Object.keys(properties) : defaultNames(item.type))) {
    const property = properties[name]
    if (property === undefined) continue
    const whole = (property.writeOnly === true ? null : record[name]) ?? (property.collection === true ? [] : null)
    const branch = chosen?.get(name)
    const value = branch === undefined || branch === 'whole' ? whole : pickPaths(whole, branch)
    if (metadata === 'full') addTypeOf(out, name, property, value)
    out[name] = metadata === 'full' ? withTypes(property, value) : value
  }
  const text = JSON.stringify(out)
  if (item.expanded === undefined) return text
  const members = Object.entries(item.expanded).flatMap(([name, expanded]) => renderExpanded(name, expanded, form))
  return `{${[...(text === '{}' ? [] : [text.slice(1, -1)]), ...members].join(',')}}`
}

/** The members of an item that an expansion adds, each as JSON text. Names are those of the model. */
function renderExpanded(name: string, { context, items, isCollection, type, select, count, next }: Expanded, form: Form): string[] {
  const contained = items.map((item) => renderItem(item, { ...form, whole: false, select, typed: item.type !== type }))
  return [
    ...(form.metadata === 'none' ? [] : [`"${name}@odata.context":${JSON.stringify(context)}`]),
    ...(count === undefined ? [] : [`"${name}@odata.count":${count}`]),
    ...(next === undefined ? [] : [`"${name}@odata.nextLink":${JSON.stringify(next)}`]),
    `"${name}":${isCollection ? `[${contained.join(',')}]` : (contained[0] ?? 'null')}`,
  ]
}

/** The stored form of an entity: JSON text of its default members, in the type's order, null where there is nothing. */
export function renderStored(type: EntityType, record: Readonly<Record<string, unknown>>): string {
  if (isWhole(type, record)) return JSON.stringify(record)
  return renderItem({ type, value: record, path: () => '' }, { metadata: 'minimal', select: undefined, typed: false })
}

/** Whether a record has the type's default members, all and in their order, each as it is answered: then its JSON is what is stored. */
function isWhole(type: EntityType, record: Readonly<Record<string, unknown>>): boolean {
  const names = defaultNames(type)
  let index = 0
  for (const name in record) if (name !== names[index++] || record[name] === undefined) return false
  return index === names.length && isPlain(type, names)
}

const plainTypes = new WeakMap<EntityType, boolean>()

/** Whether the members are answered as they are, those that are null too. */
function isPlain(type: EntityType, names: readonly string[]): boolean {
  const known = plainTypes.get(type)
  if (known !== undefined) return known
  const properties = propertiesOf(type)
  const plain = names.every((name) => {
    const { writeOnly, collection } = properties[name] ?? {}
    return writeOnly !== true && collection !== true
  })
  plainTypes.set(type, plain)
  return plain
}

/** An entity as a whole answer. `context` is the absolute context URL. */
export function renderEntity(context: string, item: Item, form: Form): string {
  const text = renderItem(item, form)
  if (form.metadata === 'none') return text
  return `{"@odata.context":${JSON.stringify(context)}${text === '{}' ? '}' : `,${text.slice(1)}`}`
}

/** A reference to an item (OData JSON 4.01, section 14). `context` and `id` are absolute. */
export function renderReference(context: string, id: string, { metadata }: Form): string {
  return JSON.stringify(metadata === 'none' ? { '@odata.id': id } : { '@odata.context': context, '@odata.id': id })
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
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    out[name] = property === undefined ? member : withTypes(property, member)
  }
  return out
}
