/**
 * The form in which members are compared and sorted: texts folded, times with seven fraction digits. Kept beside a
 * record only where it is not what the record says already, so that most records need little of it.
 */

import { fold } from '../model/address.ts'
import { type Property, propertiesOf, type StructuredType } from '../model/edm.ts'
import { sortableTime } from '../model/time.ts'

/** Times as this server writes them itself: a query takes them for comparable, with four zeros put in. */
const usualTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/**
 * What of a record of `type` compares otherwise than its JSON says, as JSON text: an object with a member for each path
 * (`createdBy/user/displayName`). null where nothing does.
 */
export function renderCompared(type: StructuredType, record: Readonly<Record<string, unknown>>): string | null {
  const found: Record<string, unknown> = {}
  collect(type, record, '', found)
  return Object.keys(found).length === 0 ? null : JSON.stringify(found)
}

function collect(type: StructuredType, record: Readonly<Record<string, unknown>>, before: string, found: Record<string, unknown>): void {
  const properties = propertiesOf(type)
  for (const name in record) {
    const [property, value] = [properties[name], record[name]]
    if (property === undefined || value === null || value === undefined) continue
    const path = before + name
    if (isStructured(property) && property.collection !== true)
      collect(property.type, value as Record<string, unknown>, `${path}/`, found) // as declared
    else {
      const comparable = property.collection === true ? (value as unknown[]).map((each) => one(property, each)) : one(property, value) // as declared
      if (property.collection === true ? JSON.stringify(comparable) !== JSON.stringify(value) : comparable !== value)
        found[path] = comparable
    }
  }
}

function isStructured(property: Property): property is Property & { readonly type: StructuredType } {
  return typeof property.type !== 'string' && property.type.kind !== 'enum'
}

function one(property: Property, value: unknown): unknown {
  if (value === null) return null
  if (isStructured(property)) {
    const { type } = property
    const members = propertiesOf(type)
    const entries = Object.entries(value as Record<string, unknown>) // as declared
    return Object.fromEntries(entries.map(([name, member]) => [name, members[name] === undefined ? member : one(members[name], member)]))
  }
  if (property.type === 'Edm.String') return fold(String(value))
  if (property.type === 'Edm.DateTimeOffset') return usualTime.test(String(value)) ? value : sortableTime(String(value))
  return value
}
