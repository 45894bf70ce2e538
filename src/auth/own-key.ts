/**
 * The file of the signing key in the data folder. It is made where a token is wanted before there is a database; a server takes it
 * over into the ring of keys (signing-keys.ts), and removes it.
 */

import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { exportJWK, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose'
import { StartError } from '../errors.ts'
import { closeToOthers, giveName, makeFolder, openFresh } from '../private-files.ts'
import type { NewKeys } from '../randomness.ts'

/** `iss` of tokens that `selfgraph token` makes. */
export const ownIssuer = 'https://selfgraph.localhost/test-tokens'

const algorithm = 'RS256'

/** The means to make a key. */
export interface Maker {
  readonly newId: () => string
  readonly newKeys: NewKeys
}

/** A new signing key, private members included. */
export async function makeSigningKey({ newId, newKeys }: Maker): Promise<JWK & { readonly kid: string }> {
  const { privateKey } = await newKeys(algorithm)
  return { ...(await exportJWK(privateKey)), kid: newId(), alg: algorithm, use: 'sig' }
}

function fileIn(folder: string): string {
  return join(folder, 'signing-key.json')
}

/** The key in `folder`; undefined where there is none. Throws StartError without a word of what the file holds. */
export async function findOwnKey(folder: string): Promise<JWK | undefined> {
  const path = fileIn(folder)
  closeToOthers(path)
  try {
    return parseKey(await readFile(path, 'utf8'), path)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Reads the key in `folder`, or makes it. Two processes that make it at once end up with the same one. */
export async function openOwnKey(folder: string, maker: Maker): Promise<JWK> {
  const known = await findOwnKey(folder)
  if (known !== undefined) return known
  makeFolder(folder)
  const key = await makeSigningKey(maker)
  const draft = `${fileIn(folder)}.${key.kid}`
  // On disk before it has its name: a power loss must not leave a key file that is empty.
  const handle = await openFresh(draft)
  try {
    await handle.writeFile(JSON.stringify(key))
    await handle.sync()
    await handle.close()
    await giveName(draft, fileIn(folder), false) // a key that another process made meanwhile stays
  } catch (error) {
    await handle.close().catch(() => undefined) // closed already
    await rm(draft, { force: true })
    if (!hasCode(error, 'EEXIST')) throw error
  }
  return (await findOwnKey(folder)) ?? key
}

/** Removes the file once the ring has the key: it lies there in clear. Throws StartError where that cannot be done. */
export async function removeOwnKey(folder: string): Promise<void> {
  const path = fileIn(folder)
  try {
    await rm(path, { force: true })
  } catch (error) {
    if (existsSync(path))
      throw new StartError(`${path} was taken over into the database and cannot be removed: remove it`, 'cannotCreate', error)
  }
}

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

/** Signs `claims` as they are: what a token says is its maker's affair. */
export async function signToken(key: JWK, claims: JWTPayload): Promise<string> {
  const header = { alg: algorithm, typ: 'JWT', ...(key.kid === undefined ? {} : { kid: key.kid }) }
  return new SignJWT(claims).setProtectedHeader(header).sign(await importJWK(key, algorithm))
}
