/** Tokens such as `selfgraph token` prints, by the thousand: signed on all cores, kept while they are good. */

import { createPrivateKey, sign } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openOwnKey, ownIssuer } from '../src/auth/own-key.ts'
import { randomness } from '../src/randomness.ts'
import type { Prepared } from './data.ts'
import { benchApplication, holderOf, personAt, tenantId } from './people.ts'
import { tell } from './progress.ts'

const signInBackground = promisify(sign)
const lifetimeSeconds = 30 * 24 * 3600
const longestRunSeconds = 6 * 3600
const atOnce = 64

/** So few that the server remembers them all. */
const administrators = 16

/** A file with `count` tokens, one a line: number `index` is that of the person `holderOf(index)`. */
export function prepareTokens(prepared: Prepared, count: number): Promise<string> {
  return prepare(prepared, 'tokens', count, 'openid profile User.Read User.ReadWrite')
}

/** The same with tokens of the first few, who may read everybody. */
export function prepareAdministrators(prepared: Prepared): Promise<string> {
  return prepare(prepared, 'administrators', administrators, 'openid profile User.Read.All')
}

async function prepare({ folder, people }: Prepared, name: string, count: number, scopes: string): Promise<string> {
  const file = join(folder, name)
  const now = Math.floor(Date.now() / 1000)
  if (existsSync(file)) {
    const tokens = readFileSync(file, 'utf8').trimEnd().split('\n')
    if (tokens.length >= count && expiryOf(tokens[0] ?? '') > now + longestRunSeconds) return file
  }
  tell(`Signing ${count} tokens (once)…`)
  const jwk = await openOwnKey(folder, randomness)
  const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' })
  const header = encode({ alg: 'RS256', typ: 'JWT', kid: jwk.kid })
  const tokens: string[] = []
  for (let from = 0; from < count; from += atOnce) {
    const claims = Array.from({ length: Math.min(atOnce, count - from) }, (_, at) =>
      encode(claimsOf(holderOf(from + at, people), now, scopes)),
    )
    const signed = claims.map(async (payload) => {
      const signature = await signInBackground('sha256', Buffer.from(`${header}.${payload}`), key)
      return `${header}.${payload}.${signature.toString('base64url')}`
    })
    tokens.push(...(await Promise.all(signed)))
  }
  writeFileSync(file, `${tokens.join('\n')}\n`, { mode: 0o600 })
  return file
}

function claimsOf(person: number, now: number, scopes: string) {
  const { id, principalName, displayName } = personAt(person)
  return {
    iss: ownIssuer,
    aud: 'https://graph.microsoft.com',
    iat: now,
    nbf: now,
    exp: now + lifetimeSeconds,
    appid: benchApplication.id,
    app_displayname: benchApplication.displayName,
    ver: '1.0',
    uti: id.replaceAll('-', ''),
    tid: tenantId,
    oid: id,
    sub: id,
    upn: principalName,
    name: displayName,
    idtyp: 'user',
    scp: scopes,
    amr: ['pwd'],
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function expiryOf(token: string): number {
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString() || '{}') as { exp?: number } // made above
  return exp ?? 0
}
