/** Work on a client's text is bounded by the length of the text: where it is normalized, and where its case is changed. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../../src/', import.meta.url))

const url = 'part of a URL: 16,384 characters'
const member = 'a member whose length was checked'
const own = 'of our own making, or the operator’s'

/** The files that change the case of texts, and what bounds these. */
// biome-ignore format: a table of facts, aligned by hand
const caseChanges: Readonly<Record<string, string>> = {
  'auth/claims.ts':                   'a claim of at most 256 characters',
  'cli/export.ts':                    own,
  'cli/tenant.ts':                    own,
  'cli/token.ts':                     own,
  'graph/email-policy.ts':            url,
  'graph/empty-texts.ts':             own,
  'graph/groups/referred-person.ts':  'a reference of at most 2,048 characters',
  'graph/role-assignments.ts':        member,
  'graph/users/user-members.ts':      member,
  'graph/users/user-writes.ts':       member,
  'http/request-body.ts':                     'a header: 160 KiB',
  'http/graph.ts':                    'a header: 160 KiB',
  'http/url.ts':                      'a host name of at most 30 characters',
  'model/address.ts':                 'a text that is stored or asked for: a member whose length was checked, or a part of a URL',
  'model/domain.ts':                  'a domain of an address or of a tenant: at most 254 characters',
  'model/not-served.ts':              'no longer than the longest name that is known',
  'model/text.ts':                    'no longer than the name that it is compared with',
  'odata/grammar/call.ts':            url,
  'odata/grammar/expression.ts':      url,
  'odata/grammar/literals.ts':        url,
  'odata/grammar/parse.ts':           url,
  'odata/grammar/path-expression.ts': url,
  'odata/grammar/projection.ts':      url,
  'odata/grammar/quoted.ts':          url,
  'odata/json/enum-values.ts':        'at most 256 characters',
  'odata/json/member-names.ts':       'no longer than the longest name that is declared',
  'odata/json/preferences.ts':        'a header of at most 4,096 characters',
  'odata/query/bind-term.ts':         'at most 256 characters',
  'odata/query/evaluate-terms.ts':    'a text that is stored, or a part of a URL',
  'odata/query/query.ts':             url,
  'odata/service/openapi.ts':         own,
  'odata/url/path.ts':                url,
  'odata/url/reference.ts':           'at most 2,048 characters',
  'request/batch.ts':                 'an id of at most 256 characters; names of headers, once for each octet of a body of 1 MiB',
  'request/message.ts':               'a header of at most 256 characters',
  'request/options.ts':               'a header of at most 64 characters, or a part of a URL',
  'request/service-documents.ts':     'a URL of at most 256 characters',
  'store/postgres/dialect.ts':        'a letter',
  'store/sqlite/functions.ts':        'a text that is stored, or a part of a URL',
  'transfer/directory-records.ts':    member,
  'transfer/record-kind.ts':          member,
  'transfer/record-names.ts':         'a line of an import: 1 MiB',
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(source, name), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '') }))

const naming = (expression: RegExp) =>
  files
    .filter(({ text }) => expression.test(text))
    .map(({ name }) => name)
    .sort()

describe('A client’s text', () => {
  it('is normalized in one place, which takes linear time', () => {
    assert.deepEqual(naming(/\.normalize\(/), ['model/text.ts'])
  })

  it('is never compared by the rules of a locale', () => {
    assert.deepEqual(naming(/\blocaleCompare\b|\btoLocale(?:Lower|Upper)Case\b|\bIntl\b/), [])
  })

  it('has its case changed where its length is bounded, as the table says', () => {
    const changing = naming(/\.to(?:Lower|Upper)Case\(/)
    assert.deepEqual(
      changing.filter((name) => !(name in caseChanges)),
      [],
      'say in the table what bounds the texts of these files',
    )
    assert.deepEqual(
      Object.keys(caseChanges).filter((name) => !changing.includes(name)),
      [],
      'no longer needed in the table',
    )
  })
})
