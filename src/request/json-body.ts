/** The JSON of a body. To make values of a large one takes up to some ten milliseconds: that waits for its turn, as long work does. */

import type { App } from '../app.ts'
import { GraphError } from '../errors.ts'
import type { Asker } from '../model/asker.ts'
import { type Json, parseJson } from '../odata/json/text.ts'
import type { GraphRequest } from './message.ts'

const octetsOfAUnit = 100

/** Throws `bodyUnreadable`, `timeout` where the client went while its body waited, and what the reading of the octets throws. */
export async function readJson({ pace }: Pick<App, 'pace'>, asker: Asker, { body }: Pick<GraphRequest, 'body'>): Promise<Json> {
  const giveWay = async (octets: number) => {
    await pace.take(asker, octets / octetsOfAUnit)
    if (asker.gone().aborted) throw new GraphError('timeout')
  }
  return parseJson(await body(giveWay))
}
