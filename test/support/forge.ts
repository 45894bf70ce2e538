/** Tokens put together by hand, as an attacker would: any header, any claims, any signature. */

import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto'

export type TokenPart = Readonly<Record<string, unknown>>

/** A compact JWS. `sign` gets what is signed, and answers with the signature. */
export function forge(header: TokenPart | string, claims: TokenPart | string, signature: (signed: string) => Uint8Array | string): string {
  const signed = `${encode(header)}.${encode(claims)}`
  return `${signed}.${Buffer.from(signature(signed)).toString('base64url')}`
}

/** A token in its three parts, decoded. */
export function takeApart(token: string): { readonly header: TokenPart; readonly claims: TokenPart; readonly signature: string } {
  const [header = '', claims = '', signature = ''] = token.split('.')
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as TokenPart // tokens of ours
  return { header: decode(header), claims: decode(claims), signature }
}

export function encode(part: TokenPart | string): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}

/** Signs as RS256 does. */
export function rs256(key: object) {
  const privateKey = createPrivateKey({ key: key as JsonWebKey, format: 'jwk' }) // a JWK under another name
  return (signed: string) => sign('sha256', Buffer.from(signed), privateKey)
}

/** Signs as HS256 does. */
export function hs256(secret: string | Uint8Array) {
  return (signed: string) => createHmac('sha256', secret).update(signed).digest()
}

export const unsigned = () => ''

/** The public half of a JWK. */
export function publicKeyOf(key: object): KeyObject {
  return createPublicKey({ key: key as JsonWebKey, format: 'jwk' }) // a JWK under another name
}

/** An RSA key that nobody trusts. */
export function foreignKey(): JsonWebKey {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })
}
