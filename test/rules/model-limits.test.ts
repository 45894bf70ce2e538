/** Every text and every collection of the model has a limit, and every record that is stored is measured. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Property, propertiesOf, type StructuredType } from '../../src/model/edm.ts'
import { complexTypes, entityTypes } from '../../src/model/index.ts'
import { kinds } from '../../src/transfer/records.ts'

const types: readonly (readonly [where: string, type: StructuredType])[] = [
  ...complexTypes.map((type) => [type.name, type] as const),
  ...entityTypes.map((type) => [type.name, type] as const),
  ...Object.entries(kinds).map(([name, { type }]) => [`import of ${name}`, type] as const),
]

/** Of the types, and of those inside them. */
function membersOf(where: string, type: StructuredType): readonly (readonly [where: string, property: Property])[] {
  return Object.entries(propertiesOf(type)).flatMap(([name, property]) => {
    const inside = typeof property.type === 'string' || property.type.kind === 'enum' ? [] : membersOf(`${where}/${name}`, property.type)
    return [[`${where}/${name}`, property] as const, ...inside]
  })
}

const members = types.flatMap(([where, type]) => membersOf(where, type))
const without = (is: (property: Property) => boolean) => members.filter(([, property]) => is(property)).map(([where]) => where)

describe('The model', () => {
  it('has a limit for every text', () => {
    assert.ok(members.length > 100)
    assert.deepEqual(
      without(({ type, maxLength }) => type === 'Edm.String' && !(Number(maxLength) > 0)),
      [],
    )
  })

  it('has a limit for the members of every collection', () => {
    assert.deepEqual(
      without(({ collection, maxItems }) => collection === true && !(Number(maxItems) > 0)),
      [],
    )
  })

  it('has no limit of a kind that its member has not', () => {
    assert.deepEqual(
      without(
        ({ type, collection, maxLength, maxItems }) =>
          (maxLength !== undefined && type !== 'Edm.String') || (maxItems !== undefined && collection !== true),
      ),
      [],
    )
  })
})

describe('A record that is stored', () => {
  it('is measured in one place', () => {
    const source = fileURLToPath(new URL('../../src/', import.meta.url))
    const makers = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && /\bas StoredRecord\b/.test(readFileSync(join(source, name), 'utf8')),
    )
    assert.deepEqual(makers, ['odata/json/stored-record.ts'])
  })
})
