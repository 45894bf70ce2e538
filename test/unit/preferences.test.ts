import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readMetadata, readPreferences } from '../../src/odata/json/preferences.ts'

describe('Prefer', () => {
  const nothing = { return: undefined, maxPageSize: undefined }
  const read: Readonly<Record<string, object>> = {
    '': nothing,
    ',': nothing,
    'return=minimal': { ...nothing, return: 'minimal' },
    'return=representation': { ...nothing, return: 'representation' },
    'Return = minimal': { ...nothing, return: 'minimal' },
    'return="minimal"': { ...nothing, return: 'minimal' },
    'return=minimal; foo=bar': { ...nothing, return: 'minimal' },
    'return=MINIMAL': nothing,
    'return=full': nothing,
    return: nothing,
    'respond-async, wait=10': nothing,
    'respond-async,return=minimal': { ...nothing, return: 'minimal' },
    'return=minimal, return=representation': { ...nothing, return: 'minimal' },
    'return=representation, return=minimal': { ...nothing, return: 'representation' },
    'odata.maxpagesize=5': { ...nothing, maxPageSize: 5 },
    'maxpagesize=5': { ...nothing, maxPageSize: 5 },
    'ODATA.MAXPAGESIZE="5"': { ...nothing, maxPageSize: 5 },
    'odata.maxpagesize=5, odata.maxpagesize=9': { ...nothing, maxPageSize: 5 },
    'odata.maxpagesize=999999999': { ...nothing, maxPageSize: 999_999_999 },
    'odata.maxpagesize=5, return=minimal': { return: 'minimal', maxPageSize: 5 },
    'outlook.timezone="Pacific Standard Time", return=minimal': { ...nothing, return: 'minimal' },
    'include-unknown-enum-members': nothing,
  }
  for (const [header, expected] of Object.entries(read))
    it(`${JSON.stringify(header)} asks for ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(readPreferences(header), expected)
    })

  it('that is absent asks for nothing', () => {
    assert.deepEqual(readPreferences(undefined), nothing)
  })

  for (const size of ['0', '-1', '1.5', 'x', '', '1e3', '9999999999', '٣'])
    it(`odata.maxpagesize=${size} is refused`, () => {
      assert.throws(() => readPreferences(`odata.maxpagesize=${size}`), { kind: 'headerInvalid' })
    })
})

describe('Accept', () => {
  const read: Readonly<Record<string, string>> = {
    '': 'minimal',
    '*/*': 'minimal',
    'application/json': 'minimal',
    'text/plain;q=0.9': 'minimal',
    'application/json;odata.streaming=true': 'minimal',
    'application/json;odata.metadata=minimal': 'minimal',
    'application/json;odata.metadata=none': 'none',
    'application/json;odata.metadata=full': 'full',
    'application/json; ODATA.Metadata = Full ; q=0.5': 'full',
    'application/json;metadata=none': 'none',
    'application/json;odata.metadata="none"': 'none',
    'application/json;odata.metadata=none,text/plain': 'none',
    'text/plain, application/json;odata.metadata=full': 'full',
    'application/json;notodata.metadata=none': 'minimal',
  }
  for (const [header, expected] of Object.entries(read))
    it(`${JSON.stringify(header)} asks for ${expected} metadata`, () => {
      assert.equal(readMetadata(header), expected)
    })

  it('that is absent asks for minimal metadata', () => {
    assert.equal(readMetadata(undefined), 'minimal')
  })

  for (const header of ['application/json;odata.metadata=verbose', 'application/json;odata.metadata=', 'application/json;metadata=all'])
    it(`${header} is refused`, () => {
      assert.throws(() => readMetadata(header), { kind: 'notAcceptable' })
    })
})
