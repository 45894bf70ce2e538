/** The network between a server and its database, which can be cut. */

import { connect, createServer, type Socket } from 'node:net'

export interface Network {
  readonly port: number
  /** Breaks every connection; new ones can be made. */
  cut(): void
  /** Lets every connection stand, and nothing come through on it any more; new ones work. */
  silence(): void
  /** Breaks those that are silent: what a keep-alive of the network would do after minutes. */
  endSilence(): void
  close(): Promise<void>
}

export async function startNetwork(target: URL): Promise<Network> {
  const pairs = new Set<readonly [Socket, Socket]>()
  const silent = new Set<readonly [Socket, Socket]>()
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    const pair = [near, far] as const
    pairs.add(pair)
    near.pipe(far)
    far.pipe(near)
    for (const [one, other] of [pair, [far, near] as const]) {
      one.on('error', () => undefined)
      one.on('close', () => {
        other.destroy()
        pairs.delete(pair)
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const breakAll = (broken: ReadonlySet<readonly [Socket, Socket]>) => {
    for (const [near, far] of broken) {
      near.resetAndDestroy()
      far.destroy()
    }
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut: () => breakAll(pairs),
    silence: () => {
      for (const pair of pairs) {
        const [near, far] = pair
        near.unpipe(far).pause()
        far.unpipe(near).pause()
        silent.add(pair)
      }
    },
    endSilence: () => {
      breakAll(silent)
      silent.clear()
    },
    close: async () => {
      breakAll(pairs)
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
