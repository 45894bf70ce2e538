/** Concurrent writes over many connections, each acknowledged one written into the ledger, until they are told to stop. */

import { Lane } from './lane.ts'
import type { Ledger } from './ledger.ts'
import type { Person } from './people.ts'
import type { Random } from './random.ts'
import { Writer } from './writer.ts'

export interface LoadOptions {
  readonly port: number
  readonly people: readonly Person[]
  readonly ledger: Ledger
  readonly random: Random
  /** Answers that are no fault here, because what they tell of is being done to the server. */
  readonly expects?: Trouble
}

export type Trouble = 'nothing' | 'unavailable' | 'full'

/** What happened to the load besides acknowledged writes. */
export interface Troubles {
  /** Answers that nothing explains. */
  readonly unexpected: string[]
  /** Requests that were refused because of what is done to the server, and how they were. */
  refused: number
  slowestMilliseconds: number
  /** Connections on which no answer came. */
  cut: number
}

export interface Load {
  readonly troubles: Troubles
  /** When the first write was answered, or nothing can be answered any more. */
  readonly begun: Promise<void>
  /** Lets every connection finish what it asked for. */
  stop(): Promise<void>
  /** When every connection has ended by itself, as when the server is gone. */
  readonly ended: Promise<void>
}

/** Connections a person writes over: one who hoards runs into the limit on several at once. */
const lanesOf = ({ hoards }: Person) => (hoards ? 4 : 2)
const pauseAfterTrouble = 100

export function startLoad({ port, people, ledger, random, expects = 'nothing' }: LoadOptions): Load {
  const troubles: Troubles = { unexpected: [], refused: 0, slowestMilliseconds: 0, cut: 0 }
  const state = { stopping: false }
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const tag = random.below(36 ** 6).toString(36)
  const lanes = people.flatMap((person, index) => {
    const account = ledger.account(person.id)
    return Array.from({ length: lanesOf(person) }, (_, number) => {
      // Connections of one person share nothing, so that the order of what happened to a thing is known.
      const mine = [...account.emails.keys()].filter((__, position) => position % lanesOf(person) === number)
      const lane = new Lane(port)
      const name = `${tag}-${index}-${number}`
      const writer = new Writer({
        lane,
        person,
        account,
        ledger,
        random: random.branch(),
        troubles,
        expects,
        mine,
        name,
        method: number === 0,
      })
      return run(writer, lane, state, begin)
    })
  })
  const ended = Promise.all(lanes).then(() => begin())
  return {
    troubles,
    begun,
    ended,
    stop: () => {
      state.stopping = true
      return ended
    },
  }
}

async function run(writer: Writer, lane: Lane, state: { readonly stopping: boolean }, begin: () => void): Promise<void> {
  try {
    while (!state.stopping) {
      const outcome = await writer.step()
      if (outcome === 'cut') return
      if (outcome === 'done') begin()
      if (outcome === 'trouble') await new Promise((resolve) => setTimeout(resolve, pauseAfterTrouble))
    }
  } finally {
    lane.close()
  }
}
