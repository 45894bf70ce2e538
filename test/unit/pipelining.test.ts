import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Exchange } from '../../src/http/answers.ts'
import { limitPipelining } from '../../src/http/pipelining.ts'

const request = (n: number, ending = '') => `GET /${n} HTTP/1.1\r\nHost: localhost\r\n${ending}\r\n`

/** A server whose exchanges begin in turn, and a connection to it. */
async function connection(test: TestContext, begin: (exchange: Exchange) => void) {
  const state = { taken: 0 }
  const take = limitPipelining(begin)
  const server = createServer((message: IncomingMessage, response: ServerResponse) => {
    state.taken++
    take({ message, response })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo // of a server that listens at a port
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  const end = async () => {
    socket.destroy()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  // A test that fails leaves nothing that keeps the process.
  test.after(end)
  return { socket, state, end }
}

describe('Requests of one connection', () => {
  it('begin four at a time, the next ones as answers go out, and all are answered in their order', async (test) => {
    const begun: Exchange[] = []
    let most = 0
    const { socket, end } = await connection(test, (exchange) => {
      begun.push(exchange)
      most = Math.max(most, begun.length)
      // The last one that has begun is answered first: answers wait for those before them.
      setImmediate(() => begun.pop()?.response.end(exchange.message.url))
    })
    let text = ''
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    const count = 3000
    socket.write(Array.from({ length: count }, (_, n) => request(n, n === count - 1 ? 'Connection: close\r\n' : '')).join(''))
    await once(socket, 'close')
    assert.equal(text.match(/HTTP\/1\.1 200 OK/g)?.length, count)
    assert.equal(most, 4)
    await end()
  })

  it('are not read without end while none of them is answered', async (test) => {
    const { socket, state, end } = await connection(test, () => undefined)
    const many = Array.from({ length: 10_000 }, (_, n) => request(n)).join('')
    for (let times = 0; times < 50; times++) socket.write(many)
    // A slow machine may take none for a while.
    for (let before = -1; before !== state.taken || before < 20; ) {
      before = state.taken
      await pause(200)
    }
    assert.ok(state.taken >= 20 && state.taken < 10_000, `${state.taken} of 500000 were taken`)
    await end()
  })

  it('that wait are dropped with their connection', async (test) => {
    let begun = 0
    const { socket, end } = await connection(test, ({ response, message }) => {
      begun++
      message.socket.once('close', () => response.destroy())
    })
    socket.write(Array.from({ length: 12 }, (_, n) => request(n)).join(''))
    while (begun < 4) await pause(5)
    await end()
    assert.equal(begun, 4)
  })
})
