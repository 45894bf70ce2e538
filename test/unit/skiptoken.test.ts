import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { emailAuthenticationMethod } from '../../src/model/authentication.ts'
import { itemEmail } from '../../src/model/profile.ts'
import { noQuery, parseQuery } from '../../src/odata/query/query.ts'
import { renderSkiptoken } from '../../src/odata/query/skiptoken.ts'

const parse = (search: string) =>
  parseQuery(search, { type: itemEmail, options: ['orderby', 'skiptoken'], known: [], searched: [], expandable: new Map() }, 0)
const isRefused = (error: { kind?: string; particulars?: { target?: string } }) => {
  assert.deepEqual([error.kind, error.particulars?.target], ['queryInvalid', '$skiptoken'])
  return true
}

describe('A skip token', () => {
  const after = ['2026-03-01T12:00:00.0000000Z', "zoë'\u{1f600}"]

  it('comes back as it was', () => {
    assert.deepEqual(parse(`$skiptoken=${renderSkiptoken(after, itemEmail, noQuery)}`).after, after)
  })

  it('may stand in a URL as it is, and shows nothing in clear', () => {
    const token = renderSkiptoken(after, itemEmail, noQuery)
    assert.match(token, /^[\w-]+$/)
    assert.ok(!token.includes('2026'))
  })

  it('of another type is refused', () => {
    const token = renderSkiptoken(after, emailAuthenticationMethod, noQuery)
    assert.throws(() => parse(`$skiptoken=${token}`), isRefused)
  })

  it('is good for the order that it was made in, however that is written', () => {
    const token = renderSkiptoken(['x', 'y'], itemEmail, parse('$orderby=address%20desc'))
    for (const order of ['address%20desc', 'address+desc', 'address desc', '%61ddress%20desc'])
      assert.deepEqual(parse(`$orderby=${order}&$skiptoken=${token}`).after, ['x', 'y'])
    for (const search of ['', '$orderby=address&', '$orderby=id&']) assert.throws(() => parse(`${search}$skiptoken=${token}`), isRefused)
  })

  it('that was changed anywhere is refused', () => {
    const token = renderSkiptoken(after, itemEmail, noQuery)
    for (let at = 0; at < token.length; at++) {
      const changed = token.slice(0, at) + (token[at] === 'x' ? 'y' : 'x') + token.slice(at + 1)
      assert.throws(() => parse(`$skiptoken=${changed}`), isRefused, changed)
    }
  })

  it('that is not one is refused', () => {
    const texts = [
      '',
      'x',
      '!',
      'e30',
      Buffer.from('00000000["itemEmail"]').toString('base64url'),
      `${renderSkiptoken(after, itemEmail, noQuery)}=`,
    ]
    for (const text of texts) assert.throws(() => parse(`$skiptoken=${text}`), isRefused, text)
  })
})
