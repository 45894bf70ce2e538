/** Ids of what is stored: they sort by the time at which they were made, also within a millisecond. */

import { v7 } from 'uuid'

interface Sources {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Fills it with octets that nobody can guess. */
  readonly fillRandomly: (octets: Uint8Array) => void
}

const octetsOfAnId = 16
/** To ask the system for the octets of one id takes longer than all else about it: so they are asked for many at once. */
const idsAtOnce = 256

/** Makes UUIDs of version 7, with a counter that begins anew, anywhere in its lower half, in each millisecond (RFC 9562, section 6.2, method 1). */
export function createItemIds({ now, fillRandomly }: Sources): () => string {
  const octets = new Uint8Array(octetsOfAnId * idsAtOnce)
  const counts = new DataView(octets.buffer)
  let used = octets.length
  let msecs = Number.NEGATIVE_INFINITY
  let seq = 0
  return () => {
    if (used === octets.length) {
      fillRandomly(octets)
      used = 0
    }
    const at = now()
    if (at > msecs) [msecs, seq] = [at, counts.getUint32(used) >>> 1]
    else seq++ // a clock that is set back is waited for
    const id = v7({ random: octets.subarray(used, used + octetsOfAnId), msecs, seq })
    used += octetsOfAnId
    return id
  }
}
