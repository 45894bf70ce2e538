/** The checker of answers: what is as the documents have it passes, everything else is caught and named. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkAgainstOpenApi, type Exchanged } from '../support/conformance.ts'

const json = 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8'
const ids = { 'request-id': '00000000-0000-4000-8000-000000000001', 'client-request-id': 'x' }
const good = { 'content-type': json, 'odata-version': '4.0', ...ids }
const me = { '@odata.context': 'http://localhost/v1.0/$metadata#users/$entity', id: 'x', displayName: 'Kim' }
const innerError = { date: '2026-01-31T12:00:00', 'request-id': 'x', 'client-request-id': 'x' }
const refusal = (code: string) => ({ error: { code, message: 'No.', innerError } })

interface Form {
  readonly method?: string
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

function exchanged(url: string, body: unknown, { method = 'GET', status = 200, headers = good }: Form = {}): Exchanged {
  return { method, url, status, headers: new Headers(headers), body: typeof body === 'string' ? body : JSON.stringify(body) }
}

const error = { status: 404, headers: { 'content-type': 'application/json', ...ids } }
const asPlainText = { headers: { ...good, 'content-type': 'text/plain' } }

describe('The checker of answers', () => {
  const passes: Readonly<Record<string, Exchanged>> = {
    'an entity': exchanged('http://localhost/v1.0/me', me),
    'a path in any case, with a slash at its end': exchanged('/V1.0/Me/?$select=id', me),
    'a key in parentheses': exchanged("/v1.0/users('kim@contoso.com')", me),
    'what SDKs write for /me': exchanged('/v1.0/users/me-token-to-replace', me),
    'a count': exchanged('/beta/me/profile/emails/$count', '3', asPlainText),
    'no content': exchanged('/beta/me/profile/emails/x', '', { method: 'DELETE', status: 204 }),
    'a refusal in the words of its workload': exchanged('/beta/me/profile/emails/x', refusal('ErrorItemNotFound'), error),
    'a refusal of what is nowhere': exchanged('/v1.0/nothing', refusal('BadRequest'), { ...error, status: 400 }),
    'a profile under v1.0 that a setting closes': exchanged('/v1.0/me/profile', refusal('Request_ResourceNotFound'), error),
    'what is no answer of the API': exchanged('/health/live', 'fine'),
  }
  for (const [what, exchange] of Object.entries(passes)) it(`lets pass ${what}`, () => checkAgainstOpenApi(exchange))

  const caught: Readonly<Record<string, readonly [Exchanged, RegExp]>> = {
    'a member of another type': [exchanged('/v1.0/me', { ...me, displayName: 1 }), /at \/displayName/],
    'a member that is not declared': [exchanged('/beta/me/profile', { ...me, skills: [] }), /additional properties.*\(.*\)/],
    'an undeclared member in a page': [
      exchanged('/v1.0/groups', { '@odata.context': 'http://localhost/v1.0/$metadata#groups', value: [{ x: 1 }] }),
      /at \/value\/0/,
    ],
    'a page without a value': [
      exchanged('/v1.0/users', { '@odata.context': 'http://localhost/v1.0/$metadata#users' }),
      /required property 'value'/,
    ],
    'a status that is not described': [exchanged('/v1.0/me', me, { status: 203 }), /status that \/me has not/],
    'a success where there is no operation': [exchanged('/v1.0/nothing', me), /no such operation/],
    'a success of another verb': [exchanged('/v1.0/me', me, { method: 'PUT' }), /no such operation/],
    'another content type': [exchanged('/v1.0/me', me, asPlainText), /is of the type text\/plain/],
    'JSON without what OData adds to its type': [
      exchanged('/v1.0/me', me, { headers: { ...good, 'content-type': 'application/json' } }),
      /is of the type/,
    ],
    'an entity without its context': [exchanged('/v1.0/me', { id: 'x' }), /no context under metadata=minimal/],
    'a context where none is wanted': [
      exchanged('/v1.0/me', me, { headers: { ...good, 'content-type': json.replace('minimal', 'none') } }),
      /a context under metadata=none/,
    ],
    'a missing request-id': [
      exchanged('/v1.0/me', me, { headers: { 'content-type': json, 'odata-version': '4.0' } }),
      /lacks the header request-id/,
    ],
    'a body beside 204': [exchanged('/beta/me/profile/emails/x', 'x', { method: 'DELETE', status: 204 }), /a body where none/],
    'a body that is no JSON': [exchanged('/v1.0/me', '{'), /no JSON/],
    'a code of another workload': [exchanged('/beta/me/profile/emails/x', refusal('resourceNotFound'), error), /at \/error\/code/],
    'a refusal without its sentence': [
      exchanged('/v1.0/nothing', { error: { code: 'x', innerError } }, { ...error, status: 400 }),
      /message/,
    ],
    'a challenge without its header': [
      exchanged('/v1.0/me', refusal('InvalidAuthenticationToken'), { ...error, status: 401 }),
      /lacks the header WWW-Authenticate/,
    ],
  }
  for (const [what, [exchange, words]] of Object.entries(caught))
    it(`catches ${what}`, () => assert.throws(() => checkAgainstOpenApi(exchange), { name: 'AssertionError', message: words }))
})
