/** This server's own key, made once and kept in the data folder, and the test tokens that it signs in demo mode. */

import { randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose'
import { StartError } from '../errors.ts'
import { closeToOthers, giveName, makeFolder, openFresh } from '../private-files.ts'
import { type KeySource, localKeySource } from './key-source.ts'

/** `iss` of tokens that `selfgraph token` makes. */
export const ownIssuer = 'https://selfgraph.localhost/test-tokens'

/** RS256: the cheapest to verify, and what Graph's own tokens carry. */
const algorithm = 'RS256'

/** Reads the key in `folder`, or makes it. Two processes that make it at once end up with the same one. */
export async function openOwnKey(folder: string): Promise<JWK> {
  const path = join(folder, 'signing-key.json')
  const read = async () => {
    closeToOthers(path)
    return parseKey(await readFile(path, 'utf8'), path)
  }
  try {
    return await read()
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
  makeFolder(folder)
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const kid = randomUUID()
  const key = { ...(await exportJWK(privateKey)), kid, alg: algorithm, use: 'sig' }
  const draft = `${path}.${kid}`
  // On disk before it has its name: a power loss must not leave a key file that is empty.
  const handle = await openFresh(draft)
  try {
    await handle.writeFile(JSON.stringify(key))
    await handle.sync()
    await handle.close()
    await giveName(draft, path, false) // a key that another process made meanwhile stays
  } catch (error) {
    await handle.close().catch(() => undefined) // closed already
    await rm(draft, { force: true })
    if (!hasCode(error, 'EEXIST')) throw error
  }
  return read()
}

/** Throws StartError without a word of what the file holds. */
function parseKey(text: string, path: string): JWK {
  try {
    const key = JSON.parse(text) as JWK // its members are checked in the next line
    if (typeof key.n === 'string' && typeof key.e === 'string' && typeof key.d === 'string') return key
  } catch {
    // falls through to the one refusal below
  }
  throw new StartError(`${path} is damaged: put a copy back, or move it away to have a new key made`, 'badData')
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** The public half, as what tokens are verified against. */
export function ownKeySource(key: JWK): KeySource {
  const { kty, n, e, kid, alg, use } = key
  return localKeySource(ownIssuer, { keys: [JSON.parse(JSON.stringify({ kty, n, e, kid, alg, use })) as JWK] }) // drops absent members
}

/** Signs `claims` as they are: what a token says is its maker's affair. */
export async function signToken(key: JWK, claims: JWTPayload): Promise<string> {
  const header = { alg: algorithm, typ: 'JWT', ...(key.kid === undefined ? {} : { kid: key.kid }) }
  return new SignJWT(claims).setProtectedHeader(header).sign(await importJWK(key, algorithm))
}
