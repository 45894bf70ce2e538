/** The JSON of a body. To make values of a large one takes up to some ten milliseconds: that waits for its turn, as long work does. */

import type { App } from '../app.ts'
import type { Asker } from '../model/asker.ts'
import { type Json, parseJson } from '../odata/json/text.ts'
import type { GraphRequest } from './message.ts'

/** Octets of a body that is read without giving way. */
const smallBody = 4 * 1024
const octetsOfAUnit = 100

/** Throws `bodyUnreadable`, and what the reading of the octets throws. */
export async function readJson({ pace }: Pick<App, 'pace'>, asker: Asker, { body }: Pick<GraphRequest, 'body'>): Promise<Json> {
  const octets = await body()
  if (octets.length > smallBody) await pace.take(asker, octets.length / octetsOfAUnit)
  return parseJson(octets)
}
