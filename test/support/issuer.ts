/** An OpenID issuer on a loopback port, whose keys and moods a test decides on. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { after } from 'node:test'
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import type { TestServer } from './server.ts'
import { personId, tenants, type UserName, users } from './tenants.ts'

export interface IssuerKey {
  readonly kid: string
  /** Public half, as it is published. */
  readonly jwk: JWK
  /** A token of a demo user with `User.Read`; `claims` replace and, where undefined, take away. */
  token(server: Pick<TestServer, 'now'>, user: UserName, claims?: Readonly<Record<string, unknown>>): Promise<string>
}

export interface Issuer {
  readonly url: string
  /** Paths that were asked for, in their order. */
  readonly asked: readonly string[]
  /** What is published; a test changes it. */
  readonly keys: unknown[]
  /** Makes a key without publishing it. */
  makeKey(kid: string, algorithm?: string): Promise<IssuerKey>
  /** Takes over all answers; undefined gives them back. */
  answerWith(answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined): void
}

export const discoveryPath = '/.well-known/openid-configuration'
/** For `answerWith`: the connection breaks. */
export const down = (request: IncomingMessage) => void request.socket.destroy()

/** Starts an issuer that ends with the test file. `path` follows the origin in its URL. */
export async function startIssuer(path = ''): Promise<Issuer> {
  const asked: string[] = []
  const keys: unknown[] = []
  let takeover: ((request: IncomingMessage, response: ServerResponse) => void) | undefined
  let url = ''
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (takeover !== undefined) takeover(request, response)
    else if (request.url === path + discoveryPath) sendJson(response, { issuer: url, jwks_uri: `${url}/keys` })
    else if (request.url === `${path}/keys`) sendJson(response, { keys })
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}${path}`
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url,
    asked,
    keys,
    makeKey: (kid, algorithm = 'ES256') => makeKey(url, kid, algorithm),
    answerWith: (answer) => {
      takeover = answer
    },
  }
}

export function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
}

async function makeKey(issuer: string, kid: string, algorithm: string): Promise<IssuerKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm)
  return {
    kid,
    jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' },
    token: (server, user, claims = {}) => {
      const at = Math.floor(server.now() / 1000)
      const all = {
        ...{ iss: issuer, aud: 'https://graph.microsoft.com', iat: at, nbf: at, exp: at + 7 * 24 * 3600, jti: crypto.randomUUID() },
        ...{ tid: tenants[users[user].tenant], oid: personId(user), scp: 'User.Read', appid: '11111111-2222-4333-8444-555555555555' },
        ...claims,
      }
      const kept = JSON.parse(JSON.stringify(all)) as JWTPayload // drops claims that were taken away
      return new SignJWT(kept).setProtectedHeader({ alg: algorithm, kid, typ: 'at+jwt' }).sign(privateKey)
    },
  }
}
