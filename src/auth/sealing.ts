/**
 * Secrets that protect secrets: what lies in the database and nobody may read there is sealed with a secret from outside
 * (AES-256-GCM, the key by HKDF-SHA-256). A sealed text names the secret that sealed it, and opens under its own name only. No I/O.
 */

import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import { StartError } from '../errors.ts'

export interface Opened {
  readonly text: string
  /** A previous secret sealed it: seal it anew with the current one. */
  readonly isStale: boolean
}

export interface Seals {
  /** Names the current secret, and tells nothing about it. */
  readonly fingerprint: string
  /** `name` says what the text is, such as `signing key/{id}`. */
  seal(name: string, text: string): string
  /** Throws StartError where no secret at hand sealed it, or it was changed or belongs to another name. */
  open(name: string, sealed: string): Opened
}

interface Derived {
  readonly fingerprint: string
  readonly key: Uint8Array
}

const cipher = 'aes-256-gcm'
const keyOctets = 32
const nonceOctets = 12
const tagOctets = 16
const fingerprintOctets = 6
const form = /^sealed1\.([\w-]{8})\.([\w-]{16})\.([\w-]{22,})$/

/** `secrets`: the current one first, then previous ones. */
export function createSeals(secrets: readonly [string, ...string[]], randomOctets: (count: number) => Uint8Array): Seals {
  const [current, ...previous] = [derive(secrets[0]), ...secrets.slice(1).map(derive)] as const
  const all = [current, ...previous]
  return {
    fingerprint: current.fingerprint,
    seal: (name, text) => {
      const nonce = randomOctets(nonceOctets)
      const encrypt = createCipheriv(cipher, current.key, nonce, { authTagLength: tagOctets }).setAAD(Buffer.from(name))
      const octets = Buffer.concat([encrypt.update(text, 'utf8'), encrypt.final(), encrypt.getAuthTag()])
      return `sealed1.${current.fingerprint}.${Buffer.from(nonce).toString('base64url')}.${octets.toString('base64url')}`
    },
    open: (name, sealed) => {
      const [, fingerprint, nonce = '', content = ''] = form.exec(sealed) ?? []
      if (fingerprint === undefined) throw damaged(name)
      const by = all.find((each) => each.fingerprint === fingerprint)
      if (by === undefined) throw sealedElsewhere(name, fingerprint, all)
      return { text: decrypt(name, by.key, Buffer.from(nonce, 'base64url'), Buffer.from(content, 'base64url')), isStale: by !== current }
    },
  }
}

/** The fingerprint of the secret that sealed a text; undefined where it is not sealed. */
export function fingerprintOf(sealed: string): string | undefined {
  return form.exec(sealed)?.[1]
}

function derive(secret: string): Derived {
  const octets = (purpose: string, count: number) => Buffer.from(hkdfSync('sha256', secret, '', `selfgraph ${purpose}`, count))
  return { key: octets('sealing', keyOctets), fingerprint: octets('fingerprint', fingerprintOctets).toString('base64url') }
}

function decrypt(name: string, key: Uint8Array, nonce: Uint8Array, content: Buffer): string {
  try {
    const decipher = createDecipheriv(cipher, key, nonce, { authTagLength: tagOctets })
    decipher.setAAD(Buffer.from(name)).setAuthTag(content.subarray(-tagOctets))
    return Buffer.concat([decipher.update(content.subarray(0, -tagOctets)), decipher.final()]).toString()
  } catch {
    throw damaged(name)
  }
}

function damaged(name: string): StartError {
  return new StartError(
    `the database has a sealed value (${name}) that is damaged, or was moved from another place: put a copy of the database back, or run selfgraph keys reset`,
    'badData',
  )
}

function sealedElsewhere(name: string, fingerprint: string, all: readonly Derived[]): StartError {
  const known = all.map((each) => each.fingerprint).join(', ')
  return new StartError(
    `the database has a value (${name}) sealed with secret ${fingerprint}, which is not at hand (${known} is): add that secret to SELFGRAPH_SECRETS, or put the file secrets back into the data folder; if it is lost, run selfgraph keys reset`,
    'badConfig',
  )
}
