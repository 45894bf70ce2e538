/** Signatures of tokens with every algorithm, and the edges of the times: what is accepted, and what is refused for its one fault. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import { localKeySource } from '../../src/auth/key-source.ts'
import { type Authenticate, createAuthenticate } from '../../src/auth/token.ts'
import { GraphError } from '../../src/errors.ts'

const issuer = 'https://issuer.example'
const audience = 'https://graph.microsoft.com'
const now = 1_800_000_000
const claims = { iss: issuer, aud: audience, exp: now + 600, tid: 'tenant', oid: 'kim', scp: 'User.Read' }

interface Keys {
  readonly jwk: JWK
  readonly privateKey: CryptoKey
}

async function makeKeys(alg: string, modulusLength?: number): Promise<Keys> {
  const { publicKey, privateKey } = await generateKeyPair(alg, {
    extractable: true,
    ...(modulusLength === undefined ? {} : { modulusLength }),
  })
  return { jwk: await exportJWK(publicKey), privateKey }
}

/** RSA keys as Web Crypto makes them, of any length: jose makes none that are too short. */
async function makeRsaKeys(modulusLength: number): Promise<Keys & { readonly sign: (text: string) => Promise<ArrayBuffer> }> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength, publicExponent: new Uint8Array([1, 0, 1]) }
  const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const sign = (text: string) => crypto.subtle.sign(algorithm.name, privateKey, Buffer.from(text))
  return { jwk: await exportJWK(publicKey), privateKey, sign }
}

const signed = (alg: string, { privateKey }: Keys, payload: JWTPayload = claims): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg }).sign(privateKey)

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const trusting = (...keys: readonly JWK[]): Authenticate =>
  createAuthenticate({ sources: [localKeySource(issuer, { keys: [...keys] })], audiences: [audience], now: () => now * 1000 })

const isRefusal = (error: unknown) => error instanceof GraphError && error.kind === 'tokenInvalid'

const accepts = async (authenticate: Authenticate, token: string, why?: string) =>
  assert.equal((await authenticate(`Bearer ${token}`)).tenantId, 'tenant', why)

const refuses = (authenticate: Authenticate, token: string, why?: string) =>
  assert.rejects(async () => authenticate(`Bearer ${token}`), isRefusal, why)

/** The token with its last part, the signature, made into another. */
function withSignature(token: string, change: (signature: Buffer) => Uint8Array): string {
  const end = token.lastIndexOf('.') + 1
  return token.slice(0, end) + Buffer.from(change(Buffer.from(token.slice(end), 'base64url'))).toString('base64url')
}

const flipped = (octets: Buffer, at: number): Buffer => {
  const changed = Buffer.from(octets)
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}

const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

describe('The signature of a token', () => {
  for (const alg of algorithms)
    it(`is accepted when ${alg} made it with the issuer's key, and refused when anything about it is changed`, async () => {
      const [keys, others] = [await makeKeys(alg), await makeKeys(alg)]
      const authenticate = trusting(keys.jwk)
      const good = await signed(alg, keys)
      await accepts(authenticate, good)
      await refuses(authenticate, await signed(alg, others), 'of another key')
      const [header, , signature] = good.split('.')
      await refuses(authenticate, `${header}.${encoded({ ...claims, oid: 'lee' })}.${signature}`, 'of another payload')
      await refuses(authenticate, `${encoded({ alg, typ: 'JWT' })}.${encoded(claims)}.${signature}`, 'of another header')
      for (const at of [0, 20, -1])
        await refuses(
          authenticate,
          withSignature(good, (octets) => flipped(octets, at < 0 ? octets.length + at : at)),
          `octet ${at}`,
        )
      await refuses(
        authenticate,
        withSignature(good, (octets) => octets.subarray(1)),
        'one octet less',
      )
      await refuses(
        authenticate,
        withSignature(good, (octets) => Buffer.concat([octets, Buffer.alloc(1)])),
        'one octet more',
      )
      await refuses(
        authenticate,
        withSignature(good, () => Buffer.alloc(0)),
        'none',
      )
      await refuses(authenticate, `${good}!`, 'a character that base64url has not')
      await accepts(authenticate, good, 'as before')
    })

  it('is refused without the zeros that it begins with', async () => {
    for (const alg of ['RS256', 'PS256']) {
      const keys = await makeKeys(alg)
      const authenticate = trusting(keys.jwk)
      let [token, tries] = [await signed(alg, keys), 0]
      const beginsWithZero = () => Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url')[0] === 0
      while (!beginsWithZero()) token = await signed(alg, keys, { ...claims, nonce: ++tries })
      await accepts(authenticate, token)
      await refuses(
        authenticate,
        withSignature(token, (octets) => octets.subarray(1)),
        alg,
      )
    }
  })

  it('counts for the algorithm that its header names alone, where a key could do several', async () => {
    const keys = await makeKeys('RS256')
    const authenticate = trusting(keys.jwk)
    await accepts(authenticate, await signed('RS256', keys))
    const [, payload, signature] = (await signed('RS256', keys)).split('.')
    for (const alg of ['RS384', 'RS512', 'PS256', 'ES256', 'EdDSA', 'HS256', 'none', 'rs256', 'RS256 '])
      await refuses(authenticate, `${encoded({ alg })}.${payload}.${signature}`, alg)
  })

  it('is refused where the issuer says that its key is for another algorithm or for another use', async () => {
    const keys = await makeKeys('RS256')
    const good = await signed('RS256', keys)
    await accepts(trusting({ ...keys.jwk, alg: 'RS256', use: 'sig', key_ops: ['verify'] }), good)
    for (const other of [{ alg: 'RS512' }, { alg: 'PS256' }, { use: 'enc' }, { key_ops: ['encrypt'] }, { kty: 'EC' }])
      await refuses(trusting({ ...keys.jwk, ...other }), good, JSON.stringify(other))
  })

  it('is refused where two keys could be meant, and accepted where the header says which', async () => {
    const [one, two] = [await makeKeys('RS256'), await makeKeys('RS256')]
    const authenticate = trusting({ ...one.jwk, kid: '1' }, { ...two.jwk, kid: '2' })
    await refuses(authenticate, await signed('RS256', one))
    const named = (kid: string) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(one.privateKey)
    await accepts(authenticate, await named('1'))
    await refuses(authenticate, await named('2'))
  })

  it('is refused from an RSA key of 1024 bits, and accepted from one of 2048 or of more than 4096', async () => {
    for (const [bits, isGood] of [
      [1024, false],
      [2048, true],
      [4104, true],
    ] as const) {
      const { jwk, sign } = await makeRsaKeys(bits)
      const text = `${encoded({ alg: 'RS256' })}.${encoded(claims)}`
      const token = `${text}.${Buffer.from(await sign(text)).toString('base64url')}`
      await (isGood ? accepts : refuses)(trusting(jwk), token, `${bits} bits`)
      await refuses(
        trusting(jwk),
        withSignature(token, (octets) => flipped(octets, 9)),
        `${bits} bits, changed`,
      )
    }
  })

  it('is refused beside a critical header, even one that jose would know', async () => {
    const keys = await makeKeys('RS256')
    const header = { alg: 'RS256', crit: ['b64'], b64: true }
    const token = await new SignJWT(claims).setProtectedHeader(header).sign(keys.privateKey)
    await refuses(trusting(keys.jwk), token)
  })
})

describe('The time of a token', () => {
  for (const [title, changes, isGood] of [
    ['that expired four seconds ago is still accepted: clocks differ', { exp: now - 4 }, true],
    ['that expired five seconds ago is refused', { exp: now - 5 }, false],
    ['that begins in five seconds is accepted already', { nbf: now + 5 }, true],
    ['that begins in six seconds is refused', { nbf: now + 6 }, false],
    ['may have fractions of a second', { exp: now + 0.5, nbf: now - 0.5, iat: now - 0.5 }, true],
    ['of issue may lie ahead', { iat: now + 600 }, true],
    ['of issue must be a number', { iat: String(now) as unknown as number }, false], // what a stranger may write
  ] as const)
    it(title, async () => {
      const keys = await makeKeys('RS256')
      const token = await signed('RS256', keys, { ...claims, ...changes })
      await (isGood ? accepts : refuses)(trusting(keys.jwk), token)
    })
})
