import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { emailAuthenticationMethod } from '../../src/model/authentication.ts'
import { itemEmail } from '../../src/model/profile.ts'
import { noQuery, parseQuery, type QueryOption, renderSkiptoken } from '../../src/odata/query.ts'

const all: readonly QueryOption[] = ['select', 'top', 'skip', 'count', 'skiptoken', 'expand']
const parse = (search: string, allowed = all) => parseQuery(search, itemEmail, ['emails'], allowed)
const refusal =
  (target: string, kind = 'queryInvalid') =>
  (error: { kind?: string; particulars?: { target?: string } }) => {
    assert.deepEqual([error.kind, error.particulars?.target], [kind, target])
    return true
  }

describe('A query', () => {
  it('of nothing asks for nothing', () => {
    assert.deepEqual(parse(''), noQuery)
    assert.deepEqual(parse('&&'), noQuery)
  })

  const read: Readonly<Record<string, object>> = {
    '$select=address': { select: ['address'] },
    '$select=ADDRESS,Id': { select: ['address', 'id'] },
    '$select=%20id%20,+type': { select: ['id', 'type'] },
    '$select=id,id': { select: ['id'] },
    '$top=5': { top: 5 },
    '$top=0': { top: 0 },
    'top=007': { top: 7 },
    '$top=999': { top: 999 },
    '$skip=3': { skip: 3 },
    '$count=true': { count: true },
    '$count=FALSE': { count: false },
    '$expand=emails': { expand: ['emails'] },
    'EXPAND=Emails': { expand: ['emails'] },
    '%24top=5': { top: 5 },
  }
  for (const [search, expected] of Object.entries(read))
    it(`${search} asks for ${JSON.stringify(expected)}`, () => {
      const { kept: _, ...query } = parse(search)
      const { kept: __, ...nothing } = noQuery
      assert.deepEqual(query, { ...nothing, ...expected })
    })

  it('of * asks for every member, and for none twice', () => {
    const names = parse('$select=*').select ?? []
    assert.equal(names.length, 11)
    assert.deepEqual(parse('$select=type,*').select, ['type', ...names.filter((name) => name !== 'type')])
  })

  it('keeps what a next link repeats, spelled canonically: all but $skip and $skiptoken', () => {
    const skiptoken = renderSkiptoken(['2026', 'x'], itemEmail)
    assert.deepEqual(parse(`TOP=5&skip=3&Select=ID&$skiptoken=${skiptoken}`).kept, [
      ['$top', '5'],
      ['$select', 'ID'],
    ])
  })

  const refused: Readonly<Record<string, string>> = {
    '$top=-1': '$top',
    '$top=1000': '$top',
    '$top=': '$top',
    $top: '$top',
    'top=x': '$top',
    '$top=1.0': '$top',
    '$top=٣': '$top',
    '$skip=99999999999999999': '$skip',
    '$count=1': '$count',
    '$select=': '$select',
    '$select=nothing': '$select',
    '$select=toString': '$select',
    '$expand=skills': '$expand',
    '$expand=': '$expand',
    '$top=1&TOP=1': '$top',
    '$nothing=1': '$nothing',
    nothing: 'nothing',
    '=1': '',
    '$=1': '$',
    '$$top=1': '$$top',
  }
  for (const [search, target] of Object.entries(refused))
    it(`${search} is refused, and ${JSON.stringify(target)} named`, () => {
      assert.throws(() => parse(search), refusal(target))
    })

  for (const [search, target] of Object.entries({
    '$filter=x': '$filter',
    'FILTER=x': '$filter',
    '$orderby=x': '$orderby',
    '$search=x': '$search',
    '$format=json': '$format',
    '$apply=x': '$apply',
    '$expand=emails($top=1)': '$expand',
    '$expand=emails/$ref': '$expand',
    '$select=inference/confidenceScore': '$select',
  }))
    it(`${search} is OData that is not served, and ${target} named`, () => {
      assert.throws(() => parse(search), refusal(target, 'notImplemented'))
    })

  it('may hold only what the operation takes', () => {
    for (const option of all)
      assert.throws(
        () =>
          parse(
            `$${option}=1`,
            all.filter((other) => other !== option),
          ),
        refusal(`$${option}`),
      )
    assert.throws(() => parse('$top=1', []), refusal('$top'))
  })

  it('that is not percent-encoded UTF-8 is refused', () => {
    for (const search of ['%ff=1', '$select=%ff', '%zz', '$select=%']) assert.throws(() => parse(search), { kind: 'queryInvalid' })
  })
})

describe('A skip token', () => {
  const after = ['2026-03-01T12:00:00.0000000Z', "zoë'\u{1f600}"]

  it('comes back as it was', () => {
    assert.deepEqual(parse(`$skiptoken=${renderSkiptoken(after, itemEmail)}`).after, after)
  })

  it('may stand in a URL as it is, and shows nothing in clear', () => {
    const token = renderSkiptoken(after, itemEmail)
    assert.match(token, /^[\w-]+$/)
    assert.ok(!token.includes('2026'))
  })

  it('of another type is refused', () => {
    const token = renderSkiptoken(after, emailAuthenticationMethod)
    assert.throws(() => parse(`$skiptoken=${token}`), refusal('$skiptoken'))
  })

  it('that was changed anywhere is refused', () => {
    const token = renderSkiptoken(after, itemEmail)
    for (let at = 0; at < token.length; at++) {
      const changed = token.slice(0, at) + (token[at] === 'x' ? 'y' : 'x') + token.slice(at + 1)
      assert.throws(() => parse(`$skiptoken=${changed}`), refusal('$skiptoken'), changed)
    }
  })

  it('that is not one is refused', () => {
    const texts = ['', 'x', '!', 'e30', Buffer.from('00000000["itemEmail"]').toString('base64url'), `${renderSkiptoken(after, itemEmail)}=`]
    for (const text of texts) assert.throws(() => parse(`$skiptoken=${text}`), refusal('$skiptoken'), text)
  })
})
