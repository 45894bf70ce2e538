/** The names that Graph has and this server has not, beside Microsoft's own metadata and the model. */

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { carrierTypes } from '../../src/model/carriers.ts'
import { type EntityType, propertiesOf } from '../../src/model/edm.ts'
import { entityTypes } from '../../src/model/index.ts'
import { isKnownMember } from '../../src/model/not-served.ts'
import { readXml } from '../support/csdl.ts'

const folder = new URL('../../../shared/oracles/', import.meta.url)
const missing = existsSync(folder) ? false : `Microsoft's metadata is not at ${folder.pathname}`

const types: readonly EntityType[] = [...entityTypes, ...carrierTypes]

describe('The table of what is not served', { skip: missing }, () => {
  const files = missing === false ? readdirSync(folder).filter((name) => name.endsWith('.csdl.xml')) : []
  const theirs = files.flatMap((file) => readXml(readFileSync(new URL(file, folder), 'utf8')).flatMap(({ children }) => children))

  for (const type of types)
    it(`has each member of Microsoft's ${type.name} that the model has not`, () => {
      const members = theirs
        .filter(({ name, attributes }) => name === 'EntityType' && attributes.Name === type.name)
        .flatMap(({ children }) => children)
      const served = [...Object.keys(propertiesOf(type)), ...Object.keys(type.navigation)]
      for (const { name, attributes } of members) {
        const member = attributes.Name ?? ''
        if (name !== 'Property' && name !== 'NavigationProperty') continue
        assert.equal(isKnownMember(type, member), !served.includes(member), member)
      }
    })
})

describe('The table of what is not served', () => {
  for (const type of types)
    it(`has nothing that the model's ${type.name} has`, () => {
      for (const member of [...Object.keys(propertiesOf(type)), ...Object.keys(type.navigation)])
        assert.equal(isKnownMember(type, member), false, member)
    })
})
