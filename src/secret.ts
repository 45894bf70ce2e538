/** A setting that is a secret: the value shows in no log, error or answer unless it is asked for by name; and how it is read from a file. */

import { closeSync, openSync, readSync } from 'node:fs'
import { StartError } from './errors.ts'

export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '(secret)'
  }

  toJSON(): string {
    return '(secret)'
  }
}

/** Octets. */
const largestFile = 64 * 1024

/** The text of a file without its last line break. Throws StartError that shows neither the text nor the path, which may be the secret itself by mistake. */
export function readSecretFile(setting: string, path: string): string {
  const text = decode(setting, readOctets(setting, path)).replace(/\r?\n$/, '')
  if (text === '') throw new StartError(`${setting}: the file is empty`, 'badConfig')
  return text
}

function readOctets(setting: string, path: string): Buffer {
  const octets = Buffer.alloc(largestFile + 1)
  let length = 0
  try {
    const file = openSync(path, 'r')
    try {
      for (let read = 1; read > 0 && length < octets.length; length += read)
        read = readSync(file, octets, length, octets.length - length, null)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new StartError(`${setting}: the file cannot be read (${reason})`, 'badConfig')
  }
  if (length > largestFile) throw new StartError(`${setting}: the file has more than ${largestFile} octets`, 'badConfig')
  return octets.subarray(0, length)
}

function decode(setting: string, octets: Buffer): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(octets)
    if (!text.includes('\0')) return text
  } catch {
    // falls through to the one refusal below
  }
  throw new StartError(`${setting}: the file is not text in UTF-8`, 'badConfig')
}
