/**
 * The form in which members are compared and sorted: texts folded, times with seven fraction digits. Kept beside a
 * record only where it is not what the record says already, so that most records need little of it.
 */

import { fold } from '../../model/address.ts'
import { type Property, propertiesOf, type StructuredType } from '../../model/edm.ts'
import { sortableTime } from '../../model/time.ts'

/** Times as this server writes them itself: a query takes them for comparable, with four zeros put in. */
const usualTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/**
 * A text as a column has it that is sorted by: folded, '' for none, and before all others then what stands for an empty
 * text. Keeps the order of texts, and which of them begin alike.
 */
export function keyOf(text: string | null | undefined): string {
  if (text === null || text === undefined) return ''
  const folded = fold(text)
  return folded < '\u0002' ? `\u0001${folded}` : folded
}

type Fields = Readonly<Record<string, unknown>>

/** Adds to `found` what of a record compares otherwise than it says, by path. */
type Collect = (record: Fields, found: Record<string, unknown>) => void

/**
 * The values of a record of `type` that compare differently from its JSON, as JSON text: an object with a member for each path
 * (`createdBy/user/displayName`). null where nothing does.
 */
export function renderCompared(type: StructuredType, record: Fields): string | null {
  const found: Record<string, unknown> = {}
  collectorOf(type)(record, found)
  for (const _ in found) return JSON.stringify(found)
  return null
}

const collectors = new WeakMap<StructuredType, Collect>()

/** Worked out once for each type: this runs with every email that is stored. */
function collectorOf(type: StructuredType): Collect {
  const known = collectors.get(type)
  if (known !== undefined) return known
  const made = makeCollector(type, '')
  collectors.set(type, made)
  return made
}

function makeCollector(type: StructuredType, before: string): Collect {
  const steps = Object.entries(propertiesOf(type)).flatMap(([name, property]) => {
    const step = stepFor(property, before + name)
    return step === undefined ? [] : [{ name, step }]
  })
  return (record, found) => {
    for (const { name, step } of steps) {
      const value = record[name]
      if (value !== null && value !== undefined) step(value, found)
    }
  }
}

function stepFor(property: Property, path: string): ((value: unknown, found: Record<string, unknown>) => void) | undefined {
  const { type, collection } = property
  if (collection !== true && typeof type !== 'string' && type.kind === 'complex') {
    const collect = makeCollector(type, `${path}/`)
    return (value, found) => collect(value as Fields, found) // as the type says
  }
  const comparable = comparableOf(property)
  if (comparable === undefined) return undefined
  if (collection !== true)
    return (value, found) => {
      const form = comparable(value)
      if (form !== value) found[path] = form
    }
  return (value, found) => {
    const forms = (value as readonly unknown[]).map((member) => (member === null ? null : comparable(member))) // as the type says
    if (JSON.stringify(forms) !== JSON.stringify(value)) found[path] = forms
  }
}

/** How a single value becomes comparable; undefined where it is as it is. */
function comparableOf({ type }: Property): ((value: unknown) => unknown) | undefined {
  if (type === 'Edm.String') return (value) => fold(String(value))
  if (type === 'Edm.DateTimeOffset') return (value) => (usualTime.test(String(value)) ? value : sortableTime(String(value)))
  if (typeof type === 'string' || type.kind === 'enum') return undefined
  const members = new Map(Object.entries(propertiesOf(type)).map(([name, property]) => [name, comparableOf(property)]))
  return (value) => {
    const entries = Object.entries(value as Fields) // as the type says
    return Object.fromEntries(entries.map(([name, member]) => [name, member === null ? null : (members.get(name)?.(member) ?? member)]))
  }
}
