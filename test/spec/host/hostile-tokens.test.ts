/** Tokens that nobody should accept: each is a 401, and does nothing. Each differs in one thing from one that is good. */

import assert from 'node:assert/strict'
import { generateKeyPairSync, sign as signWith } from 'node:crypto'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { assertChallenged } from '../../support/challenge.ts'
import { foreignKey, forge, hs256, publicKeyOf, rs256, type TokenPart, takeApart, unsigned } from '../../support/forge.ts'
import { contosoUser, putRecords } from '../../support/records.ts'
import { startServer, token } from '../../support/server.ts'
import { personId, tenants } from '../../support/tenants.ts'

const server = await startServer()
const good = await token(server, 'kim', { scope: 'User.Read User.ReadWrite' })
const { header, claims } = takeApart(good)
const key = server.key
const publicKey = publicKeyOf(key)
const foreign = foreignKey()
const publicJwk = publicKey.export({ format: 'jwk' })
const foreignPublicJwk = publicKeyOf(foreign).export({ format: 'jwk' })
const now = Math.floor(server.now() / 1000)
const disabledId = '00000000-0000-4000-8000-000000000099'
await putRecords(server, [contosoUser(disabledId, 'gone@contoso.com', { accountEnabled: false })])

/** Our own signature under another header, or other claims; undefined takes a member away. */
const withHeader = (changes: TokenPart, signature = rs256(key)) => forge({ ...header, ...changes }, claims, signature)
const withClaims = (changes: TokenPart) => forge(header, { ...claims, ...changes }, rs256(key))

async function assertRefusedEverywhere(bad: string): Promise<void> {
  assertChallenged(await ask(server, 'GET /v1.0/me', { token: bad }), bad)
  const body = { address: 'evil@contoso.com' }
  assertChallenged(await ask(server, 'POST /beta/me/profile/emails', { token: bad, body }), bad)
}

const signatures: Readonly<Record<string, string>> = {
  'is not signed (alg none)': forge({ ...header, alg: 'none' }, claims, unsigned),
  'is not signed (alg NONE)': forge({ ...header, alg: 'NONE' }, claims, unsigned),
  'says alg none and is signed all the same': withHeader({ alg: 'none' }),
  'has no signature': forge(header, claims, unsigned),
  'has half of its signature': good.slice(0, -170),
  'has a signature of nulls': forge(header, claims, () => new Uint8Array(256)),
  'has the signature of another token': forge(header, { ...claims, oid: personId('lee') }, () =>
    Buffer.from(takeApart(good).signature, 'base64url'),
  ),
  'is signed with another key': forge(header, claims, rs256(foreign)),
  'is signed with HS256 and the public key as PEM': withHeader(
    { alg: 'HS256' },
    hs256(publicKey.export({ type: 'spki', format: 'pem' }) as string), // a PEM is text
  ),
  'is signed with HS256 and the public key as PKCS#1 PEM': withHeader(
    { alg: 'HS256' },
    hs256(publicKey.export({ type: 'pkcs1', format: 'pem' }) as string), // a PEM is text
  ),
  'is signed with HS256 and the public key as DER': withHeader(
    { alg: 'HS256' },
    hs256(publicKey.export({ type: 'spki', format: 'der' }) as Uint8Array), // a DER is octets
  ),
  'is signed with HS256 and the modulus of the public key': withHeader({ alg: 'HS256' }, hs256(publicJwk.n ?? '')),
  'is signed with HS256 and the octets of the modulus': withHeader({ alg: 'HS256' }, hs256(Buffer.from(publicJwk.n ?? '', 'base64url'))),
  'is signed with HS256 and the public key as JWK': withHeader({ alg: 'HS256' }, hs256(JSON.stringify(publicJwk))),
  'is signed with HS256 and nothing': withHeader({ alg: 'HS256' }, hs256('')),
  'names another algorithm than its key is for': withHeader({ alg: 'RS512' }, (text) =>
    signWith('sha512', Buffer.from(text), privateKey()),
  ),
  'names an algorithm of another kind of key': withHeader({ alg: 'ES256' }, (text) =>
    signWith('sha256', Buffer.from(text), generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
  ),
  'names no algorithm': withHeader({ alg: undefined }),
  'names an algorithm that is no text': withHeader({ alg: 5 }),
  'names several algorithms': withHeader({ alg: ['RS256'] }),
}

function privateKey() {
  const { privateKey: made } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return made
}

const headers: Readonly<Record<string, string>> = {
  'names a key that there is not': withHeader({ kid: '00000000-0000-4000-8000-000000000000' }),
  'names a key by something else than a text': withHeader({ kid: { $ne: '' } }),
  'names a key by a path': withHeader({ kid: '../../../../dev/null' }, hs256('')),
  'brings its key (jwk)': withHeader({ jwk: foreignPublicJwk }, rs256(foreign)),
  'brings a key that is ours (jwk)': withHeader({ jwk: publicJwk }),
  'says where its key is (jku)': withHeader({ jku: 'https://evil.example/keys' }, rs256(foreign)),
  'says where our key is (jku)': withHeader({ jku: 'https://selfgraph.localhost/keys' }),
  'says where its certificate is (x5u)': withHeader({ x5u: 'https://evil.example/cert' }),
  'brings its certificate (x5c)': withHeader({ x5c: ['MIIB'] }),
  'brings an empty certificate (x5c)': withHeader({ x5c: [] }),
  'has critical headers that nobody knows': withHeader({ crit: ['exp'], exp: now + 60 }),
  'has critical headers that are not there': withHeader({ crit: ['b64'] }),
  'has an empty list of critical headers': withHeader({ crit: [] }),
  'has a payload that is not encoded (b64)': withHeader({ crit: ['b64'], b64: false }),
  'is of another type: an id token': withHeader({ typ: 'id_token+jwt' }),
  'is of another type: a logout token': withHeader({ typ: 'logout+jwt' }),
  'is of another type: a security event': withHeader({ typ: 'secevent+jwt' }),
  'is of another type: a proof of possession': withHeader({ typ: 'dpop+jwt' }),
  'is of another type: JOSE': withHeader({ typ: 'JOSE' }),
  'is of a type that is no text': withHeader({ typ: 5 }),
  'is of the type null': withHeader({ typ: null }),
}

const times: Readonly<Record<string, string>> = {
  'has expired': withClaims({ exp: now - 60 }),
  'expired in 1970': withClaims({ exp: 0 }),
  'expired before 1970': withClaims({ exp: -1 }),
  'never expires': withClaims({ exp: undefined }),
  'expires at infinity': forge(header, JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e999'), rs256(key)),
  'is valid from minus infinity': forge(header, JSON.stringify(claims).replace(/"nbf":\d+/, '"nbf":-1e999'), rs256(key)),
  'expires at a time that is no number': withClaims({ exp: String(now + 3600) }),
  'expires at null': withClaims({ exp: null }),
  'is not yet valid': withClaims({ nbf: now + 600 }),
  'is valid from a time that is no number': withClaims({ nbf: '0' }),
}

const places: Readonly<Record<string, string>> = {
  'is of another issuer': withClaims({ iss: 'https://evil.example' }),
  'is of an issuer that sounds like ours': withClaims({ iss: `${claims.iss}/` }),
  'is of our issuer in capitals': withClaims({ iss: String(claims.iss).toUpperCase() }),
  'is of several issuers': withClaims({ iss: [claims.iss] }),
  'is of no issuer': withClaims({ iss: undefined }),
  'is for somebody else': withClaims({ aud: 'https://evil.example' }),
  'is for somebody who sounds like us': withClaims({ aud: 'https://graph.microsoft.com.evil.example' }),
  'is for us and somebody else': withClaims({ aud: ['https://graph.microsoft.com', 'https://evil.example'] }),
  'is for somebody else and us': withClaims({ aud: ['https://evil.example', 'https://graph.microsoft.com'] }),
  'is for us and for what is no text': withClaims({ aud: ['https://graph.microsoft.com', 5] }),
  'is for us, one level too deep': withClaims({ aud: [['https://graph.microsoft.com']] }),
  'is for nobody, said with a list': withClaims({ aud: [] }),
  'is for nobody, said with null': withClaims({ aud: null }),
  'is for nobody, without a word': withClaims({ aud: undefined }),
  'is for an object': withClaims({ aud: { 'https://graph.microsoft.com': true } }),
}

const people: Readonly<Record<string, string>> = {
  'is of another tenant than its user': withClaims({ tid: tenants.fabrikam }),
  'is of a tenant that there is not': withClaims({ tid: '11111111-1111-4111-8111-111111111111' }),
  'is of no tenant': withClaims({ tid: undefined }),
  'is of a tenant that is no text': withClaims({ tid: [tenants.contoso] }),
  'speaks of a user that there is not': withClaims({ oid: '00000000-0000-4000-8000-000000009999' }),
  'speaks of a user of another tenant': withClaims({ oid: personId('jo') }),
  'speaks of a user by principal name': withClaims({ oid: 'kim@contoso.com' }),
  'speaks of a user in SQL': withClaims({ oid: "' OR '1'='1" }),
  'speaks of a user by something else than a text': withClaims({ oid: { id: personId('kim') } }),
  'speaks of no user': withClaims({ oid: undefined }),
  'speaks of a user whose account is disabled': withClaims({ oid: disabledId }),
  'is an application of a tenant that there is not': withClaims({
    ...{ scp: undefined, oid: undefined, idtyp: 'app', roles: ['User.Read.All'] },
    tid: '11111111-1111-4111-8111-111111111111',
  }),
}

const rolesAlone = { scp: undefined, idtyp: undefined, roles: ['User.Read.All'] }
const nobodySignedIn = { upn: undefined, amr: undefined, auth_time: undefined }
const noTexts: readonly unknown[] = [null, '', 5, true, [], [tenants.contoso], {}, 'x\u0000y', '\ud800', 'x'.repeat(257)]
const noTimes: readonly unknown[] = [null, '', String(now), true, [], [now + 60], {}]
/** Each claim that says whose a token is or what it opens, in forms that it must not have. */
const wrong: Readonly<Record<string, readonly unknown[]>> = {
  tid: noTexts,
  oid: noTexts,
  sub: noTexts,
  appid: noTexts,
  azp: noTexts,
  client_id: noTexts,
  app_displayname: noTexts.filter((value) => value !== '' && String(value).length < 257),
  idtyp: [...noTexts, 'APP', 'device', 'user '],
  scp: noTexts.filter((value) => String(value).length < 257),
  roles: [null, '', 'User.Read.All', 5, {}, [5], ['User.Read.All', null]],
  exp: noTimes,
  nbf: noTimes,
  iat: noTimes,
}

const kinds: Readonly<Record<string, string>> = {
  'is an id token: no permissions, a nonce': withClaims({ scp: undefined, idtyp: undefined, nonce: 'n', name: 'Kim' }),
  'has neither scopes nor roles': withClaims({ scp: undefined }),
  'has no scope at all': withClaims({ scp: '' }),
  'has its scopes in a list': withClaims({ scp: ['User.Read', 'User.ReadWrite'] }),
  'has scopes and says that it is of an application': withClaims({ idtyp: 'app' }),
  'has roles alone and says that it is of a user': withClaims({ scp: undefined, roles: ['User.ReadWrite.All'] }),
  'has roles, and empty scopes besides': withClaims({ scp: '', idtyp: undefined, roles: ['User.ReadWrite.All'] }),
  'has roles, and scopes in a list besides': withClaims({ scp: ['User.Read'], idtyp: undefined, roles: ['User.ReadWrite.All'] }),
  'has roles that are no list': withClaims({ scp: undefined, idtyp: undefined, roles: 'User.ReadWrite.All' }),
  'is of a device': withClaims({ idtyp: 'device' }),
  'is of a kind that is no text': withClaims({ idtyp: ['user'] }),
  'has roles, and is of a user by oid': withClaims({ ...rolesAlone, upn: undefined, amr: undefined, auth_time: undefined }),
  'has roles, and an oid that is not its sub': withClaims({ ...rolesAlone, ...nobodySignedIn, sub: personId('lee') }),
  'has roles, its oid as sub, and says that it is of a user': withClaims({
    ...rolesAlone,
    ...unsigned,
    sub: personId('kim'),
    idtyp: 'user',
  }),
  ...Object.fromEntries(
    ['upn', 'unique_name', 'preferred_username', 'name', 'given_name', 'family_name', 'email', 'amr', 'acrs', 'auth_time'].map((sign) => [
      `has roles, and ${sign} of a user`,
      withClaims({ ...rolesAlone, ...nobodySignedIn, oid: undefined, [sign]: sign === 'amr' || sign === 'acrs' ? [] : 'kim' }),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(wrong).flatMap(([claim, values]) =>
      values.map((value) => [`has ${claim} ${JSON.stringify(value) ?? 'undefined'}`, withClaims({ [claim]: value })]),
    ),
  ),
}

const forms: Readonly<Record<string, string>> = {
  'has 100 kB': withClaims({ padding: 'x'.repeat(100_000) }),
  'is 100 kB of anything': 'x'.repeat(100_000),
  'is 100 kB of dots': '.'.repeat(100_000),
  'is one word': 'garbage',
  'has two parts': good.slice(0, good.lastIndexOf('.')),
  'has four parts': `${good}.${takeApart(good).signature}`,
  'is two dots': '..',
  'has an empty header': good.replace(/^[^.]+/, ''),
  'has an empty payload': good.replace(/\.[^.]+\./, '..'),
  'has a header that is no JSON': forge('nonsense', claims, rs256(key)),
  'has a header that is a list': forge('[{"alg":"RS256"}]', claims, rs256(key)),
  'has a header that is null': forge('null', claims, rs256(key)),
  'has a payload that is no JSON': forge(header, 'nonsense', rs256(key)),
  'has a payload that is a list': forge(header, '[]', rs256(key)),
  'has a payload that is null': forge(header, 'null', rs256(key)),
  'has a payload that is another token': forge(header, good, rs256(key)),
  'has characters that base64url has not': good.replace('.', '.+/='),
  'is encrypted (JWE)': ['{"alg":"RSA-OAEP","enc":"A256GCM"}', 'key', 'iv', 'text', 'tag']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.'),
  'is encrypted with a key of its own (JWE, dir)': ['{"alg":"dir","enc":"A256GCM"}', '', 'iv', 'text', 'tag']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.'),
}

describe('A token', () => {
  it('that is good is accepted, so that each of the others fails for its one fault', async () => {
    const accepted = [
      good,
      withHeader({}),
      withHeader({ typ: 'at+jwt' }),
      withHeader({ typ: undefined }),
      withClaims({ aud: ['https://graph.microsoft.com', '00000003-0000-0000-c000-000000000000'] }),
      withClaims({ idtyp: undefined, roles: ['whatever'], nonce: 'n' }),
    ]
    for (const each of accepted) assert.equal((await ask(server, 'GET /v1.0/me', { token: each })).status, 200)
    const application = { ...rolesAlone, ...nobodySignedIn }
    for (const changes of [{ oid: undefined }, { sub: personId('kim') }, { idtyp: 'app' }, { idtyp: 'app', sub: 'another' }])
      assert.equal((await ask(server, 'GET /v1.0/users', { token: withClaims({ ...application, ...changes }) })).status, 200)
  })

  for (const [fault, bad] of Object.entries({ ...signatures, ...headers, ...times, ...places, ...kinds, ...forms }))
    it(`that ${fault} is refused, before anything is said of what was asked for`, async () => {
      await assertRefusedEverywhere(bad)
      assertChallenged(await ask(server, 'GET /v1.0/no/such/thing', { token: bad }), bad)
      assertChallenged(await ask(server, 'PATCH /v1.0/me', { token: bad, body: '{' }), bad)
    })

  for (const [fault, bad] of Object.entries(people)) it(`that ${fault} is refused`, () => assertRefusedEverywhere(bad))

  it('that was refused has done nothing', async () => {
    const emails = await ask(server, 'GET /beta/me/profile/emails', { token: good })
    assert.deepEqual(emails.json.value, [])
  })
})
