/** Settings from a `.env` file. */

import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { StartError } from '../errors.ts'

/** The settings in the file; none where the file does not exist. Throws StartError with one line where it cannot be understood. */
export function readEnvironmentFile(file: string): Readonly<Record<string, string | undefined>> {
  const text = readText(file)
  const values = parseEnv(text)
  // parseEnv passes over what it does not understand; a setting that silently does nothing is worse than none.
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const name = /^\s*(?:export\s+)?(SELFGRAPH_\w*)/.exec(line)?.[1]
    if (name !== undefined && !Object.hasOwn(values, name))
      throw new StartError(`${file}:${index + 1}: expected ${name}=value`, 'badConfig')
  }
  return values
}

function readText(file: string): string {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw new StartError(`${file} cannot be read (${error instanceof Error ? error.message : String(error)})`, 'badConfig', error)
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (!text.includes('\0')) return text
  } catch {
    // falls through to the one refusal below
  }
  throw new StartError(`${file} is not text in UTF-8`, 'badConfig')
}
