import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalPath, createRouter } from '../../src/odata/url/path.ts'

const router = createRouter([
  { path: '/users', key: 'user' },
  { path: '/users/{user}/profile' },
  { path: '/users/{user}/profile/emails', key: 'id' },
  { path: '/policies/some/configurations', key: 'configuration' },
])

/** What a path leads to, in one line. */
function routed(path: string): string {
  const { resource, pathKind, keys, me } = router.route(path)
  return [resource.path, pathKind, JSON.stringify(keys), ...(me ? ['me'] : [])].join(' ')
}

const users = '/users'
const profile = '/users/{user}/profile'
const emails = '/users/{user}/profile/emails'

describe('A path', () => {
  const leads: Readonly<Record<string, string>> = {
    '/users': `${users} collection {}`,
    '/users/': `${users} collection {}`,
    '/USERS': `${users} collection {}`,
    '/users/$count': `${users} count {}`,
    '/users/%24Count': `${users} count {}`,
    '/users/$ref': `${users} ref {}`,
    '/users/x': `${users} item {"user":"x"}`,
    '/users/X': `${users} item {"user":"X"}`,
    "/users('x')": `${users} item {"user":"x"}`,
    "/users('')": `${users} item {"user":""}`,
    "/users(id='x')": `${users} item {"user":"x"}`,
    "/users(ID='x')": `${users} item {"user":"x"}`,
    "/users(userPrincipalName='x@y.z')": `${users} item {"user":"x@y.z"}`,
    "/users('o''brien')": `${users} item {"user":"o'brien"}`,
    '/users(%27o%27%27brien%27)': `${users} item {"user":"o'brien"}`,
    "/users/o'brien": `${users} item {"user":"o'brien"}`,
    "/users('a(b)c')": `${users} item {"user":"a(b)c"}`,
    '/users/a%2Fb': `${users} item {"user":"a/b"}`,
    '/users/x%23EXT%23@y': `${users} item {"user":"x#EXT#@y"}`,
    '/users/$x@y': `${users} item {"user":"$x@y"}`,
    "/users('$x')": `${users} item {"user":"$x"}`,
    '/users/profile': `${users} item {"user":"profile"}`,
    '/users/x/profile': `${profile} single {"user":"x"}`,
    "/users('x')/PROFILE/": `${profile} single {"user":"x"}`,
    '/users/x/profile/emails/y': `${emails} item {"user":"x","id":"y"}`,
    "/users('x')/profile/emails('y')": `${emails} item {"user":"x","id":"y"}`,
    '/users/x/profile/emails/$count': `${emails} count {"user":"x"}`,
    '/users/x/profile/emails/$ref': `${emails} ref {"user":"x"}`,
    '/me': `${users} item {} me`,
    '/ME/profile': `${profile} single {} me`,
    '/me/profile/emails/y': `${emails} item {"id":"y"} me`,
    '/users/me-token-to-replace': `${users} item {} me`,
    "/users('ME-TOKEN-to-replace')/profile": `${profile} single {} me`,
    '/users/TokenToReplace/profile/emails': `${emails} collection {} me`,
    '/users/me': `${users} item {"user":"me"}`,
    '/policies/some/configurations/email': '/policies/some/configurations item {"configuration":"email"}',
    '/policies/some/configurations/me-token-to-replace': '/policies/some/configurations item {"configuration":"me-token-to-replace"}',
  }
  for (const [path, expected] of Object.entries(leads))
    it(`${path} leads to ${expected}`, () => {
      assert.equal(routed(path), expected)
    })

  const nowhere: Readonly<Record<string, string>> = {
    '/': '',
    '//users': '',
    '/nothing': 'nothing',
    '/users//profile': '',
    '/users/x/nothing': 'nothing',
    '/users/x/profile/emails/y/z': 'z',
    '/users/$value': '$value',
    '/users/$count/x': 'x',
    '/me/me': 'me',
    "/users('x": "users('x",
    "/me('x')": "me('x')",
    '/policies': 'policies',
    '/policies/some': 'some',
    '/__proto__': '__proto__',
    '/constructor': 'constructor',
    '/hasOwnProperty': 'hasOwnProperty',
  }
  for (const [path, segment] of Object.entries(nowhere))
    it(`${path} leads nowhere, for ${JSON.stringify(segment)}`, () => {
      assert.throws(() => router.route(path), { kind: 'segmentUnknown', message: `Resource not found for the segment '${segment}'.` })
    })

  for (const path of ['/users(x)', "/users('x')('y')", '/users()', "/users('x'y')", '/users(5)', '/users/%', '/users/%ff', '/users/%e2%28'])
    it(`${path} is not well formed`, () => {
      assert.throws(() => router.route(path), { kind: 'pathInvalid' })
    })

  it('of a hundred thousand segments is refused at once', () => {
    assert.throws(() => router.route('/users'.repeat(100_000)), { kind: 'segmentUnknown' })
  })
})

describe('A canonical path', () => {
  it('has its keys in parentheses, in quotes, encoded for a URL', () => {
    assert.equal(canonicalPath('/users', { user: 'x' }), 'users')
    assert.equal(canonicalPath(emails, { user: 'kim@contoso.com', id: 'y' }), "users('kim%40contoso.com')/profile/emails")
    assert.equal(canonicalPath(profile, { user: 'x#EXT#@y' }), "users('x%23EXT%23%40y')/profile")
    assert.equal(canonicalPath(profile, { user: "o'brien" }), "users('o''brien')/profile")
    assert.equal(canonicalPath(profile, { user: 'a/b?c' }), "users('a%2Fb%3Fc')/profile")
    assert.equal(canonicalPath(profile, { user: 'zoë' }), "users('zo%C3%AB')/profile")
  })

  it('leads back to the same keys', () => {
    for (const user of ['kim@contoso.com', "o'brien@contoso.com", "''", '$x@y', 'x#EXT#@y', 'a/b', '100%', 'zoë', 'a(b)', ' ', '?&=+'])
      assert.deepEqual(router.route(`/${canonicalPath(profile, { user })}`).keys, { user })
  })
})
