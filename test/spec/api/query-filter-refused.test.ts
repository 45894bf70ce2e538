import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { emails, patsToken, putPat, questions } from '../../support/queries.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer } from '../../support/server.ts'

const server = await startServer()
await putPat(server)
const { get } = questions(server, await patsToken(server, { scope: 'User.ReadWrite User.Read.All' }))

describe('A $filter that cannot be', () => {
  for (const [filter, says] of Object.entries({
    '': 'Character 1: expected an expression, found the end.',
    'address eq': 'Character 11: expected an expression, found the end.',
    "(address eq 'x'": "Character 16: expected ')', found the end.",
    "address eqq 'x'": "Character 9: expected an operator or the end, found 'eqq 'x''.",
    "address eq 'x": 'Character 14: expected the quote that closes the text begun at character 12, found the end.',
    'nothing eq 5': "Character 1: could not find a property named 'nothing' on type 'microsoft.graph.itemEmail'.",
    "createdBy/user/nothing eq 'x'": "Character 16: could not find a property named 'nothing' on type 'microsoft.graph.identity'.",
    'address eq 5': 'Character 12: expected a text to compare with, found a number.',
    "zzz eq 'ü' or 1": "Character 1: could not find a property named 'zzz' on type 'microsoft.graph.itemEmail'.",
    "address eq 'ü😀' or 5": 'Character 20: expected a condition, found a number.',
    "createdDateTime eq 'x'": 'Character 20: expected a date and time to compare with, found a text.',
    'createdDateTime eq 2026-13-01': "Character 20: expected a number, date, time or GUID within its bounds, found '2026-13-01'.",
    "type eq 'nothing'": 'Character 9: expected one of unknown, work, personal, main, other.',
    "type eq microsoft.graph.phoneType'home'": 'Character 9: expected a value of emailType to compare with.',
    "type has 'work'": 'Character 1: expected a member of flags in front of has.',
    "source eq 'x'": 'Character 1: a structure can be compared with null only.',
    "source/type eq 'x'": 'Character 1: expected any, all or $count behind a collection.',
    "address/x eq 'x'": 'Character 9: there are no members here.',
    address: 'Character 1: expected a condition, found a text.',
    'startswith(address)': 'Character 1: startswith takes 2 arguments, not 1.',
    'length(5) eq 1': 'Character 8: length expects a text, found a number.',
    'foo(address)': 'Character 4: no function of this name is known.',
    'source/type/any(t:t eq u)': "Character 24: could not find a property named 'u' on type 'microsoft.graph.itemEmail'.",
    "address/any(t:t eq 'x')": 'Character 1: expected a collection in front of any.',
    "address in ('x'": "Character 16: expected ',' or ')', found the end.",
    'address in (5)': 'Character 13: expected a text, found a number.',
    "@p eq address&@p='x": '',
  }))
    it(`is a 400 that says where and what was expected: ${filter}`, async () => {
      const answer = await get(`${emails}?$filter=${filter}`)
      assertRefused(answer, 400, 'badRequest', says === '' ? '@p' : '$filter')
      if (says !== '') assert.equal(answer.json.error.message, says)
    })
})

describe('A $filter that OData knows and this server does not', () => {
  for (const [filter, construct] of Object.entries({
    "address add 'x' eq 'y'": 'the operator add',
    'inference/confidenceScore mul 2 gt 1': 'the operator mul',
    '-inference/confidenceScore lt 0': 'the operator -',
    "cast(address,Edm.String) eq 'x'": 'cast()',
    'isof(microsoft.graph.itemEmail)': 'isof()',
    "microsoft.graph.itemEmail/address eq 'x'": 'type casts such as microsoft.graph.itemEmail',
    'round(inference/confidenceScore) eq 0': 'round()',
    'totaloffsetminutes(createdDateTime) eq 0': 'totaloffsetminutes()',
    "hassubset(source/type,['AAD'])": 'hassubset()',
    'case(true:1) eq 1': 'case()',
    "$root/users('x')/id eq 'x'": '$root',
    '$it eq null': '$it by itself',
    '{"a":1} eq null': 'JSON objects in expressions',
    "address in @list&@list=['x']": 'in with anything but a list on its right',
    "startswith(address,'a') gt false": 'the operator gt between conditions',
    "source/type/$filter(t eq 'x')/$count eq 1": '$filter as a part of a path',
    'source/type/$count($filter=true) eq 1': 'options of $count inside an expression',
    '@org.term eq 1': 'annotations in expressions',
    "duration'PT1S' eq duration'PT1S'": 'duration literals here',
    "matchesPattern(address,'^a')": 'matchespattern()',
    "true or MATCHESPATTERN(null,'[') eq null": 'matchespattern()',
    "source/type/any(t:matchesPattern(t,'^a'))": 'matchespattern()',
    'geo.distance(address,address) eq 1': 'geo.distance()',
  }))
    it(`is a 501 that names ${construct}: ${filter}`, async () => {
      const answer = await get(`${emails}?$filter=${filter}`)
      assertRefused(answer, 501, 'NotImplemented', '$filter')
      assert.equal(answer.json.error.message, `This server does not support ${construct}.`)
    })

  it('is a 501 that names what only another path leads to', async () => {
    for (const [filter, name] of [
      ["profile/emails/any(e:e/address eq 'x')", 'profile'],
      ['authentication/emailMethods/any()', 'authentication'],
    ] as const) {
      const answer = await get(`/v1.0/users?$filter=${filter}`)
      assertRefused(answer, 501, 'NotImplemented', '$filter')
      assert.equal(answer.json.error.message, `This server does not support conditions on what ${name} leads to.`)
    }
  })
})
