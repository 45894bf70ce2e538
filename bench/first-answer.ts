/** Ports, and waiting for a server to answer on one. */

import { request } from 'node:http'
import { createServer } from 'node:net'

const pollMilliseconds = 2
const patienceMilliseconds = 60_000

/** A port that nobody has at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return address.port
}

/** Asks until there is an answer. Throws when there was none for a minute, or when nobody is left who could give it. */
export async function firstAnswer(port: number, path: string, hasEnded: () => boolean = () => false): Promise<void> {
  const until = performance.now() + patienceMilliseconds
  while (performance.now() < until) {
    if (hasEnded()) throw new Error('it ended before it answered')
    if (await isAnswered(port, path)) return
    await new Promise((resolve) => setTimeout(resolve, pollMilliseconds))
  }
  throw new Error(`no answer on port ${port} within ${patienceMilliseconds / 1000} s`)
}

function isAnswered(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve(true))
      response.on('error', () => resolve(false))
    })
    asking.on('error', () => resolve(false))
    asking.end()
  })
}
