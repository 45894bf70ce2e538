/** Answers that their clients do not take. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { after, describe, it } from 'node:test'
import { UnsentAnswers } from '../../src/http/unsent-answers.ts'

/** More than the system's buffers hold. */
const large = 32 * 1024 * 1024

describe('Answers that are not taken', async () => {
  const unsentAnswers = new UnsentAnswers(3 * large)
  const responses: ServerResponse[] = []
  const server = createServer((request, response) => {
    const octets = Number(request.url?.slice(1))
    responses.push(response)
    response.writeHead(200, { 'Content-Length': octets })
    unsentAnswers.hold(response, octets)
    response.end(Buffer.alloc(octets, 'x'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const clients: Socket[] = []
  after(() => {
    for (const client of clients) client.destroy()
    server.close()
  })

  /** Asks for an answer of so many octets; `read`: to its end, else not at all. */
  async function ask(octets: number, read: boolean): Promise<void> {
    const client = connect(port, '127.0.0.1').on('error', () => undefined)
    clients.push(client)
    const begun = once(server, 'request')
    client.write(`GET /${octets} HTTP/1.1\r\nHost: x\r\n${read ? 'Connection: close\r\n' : ''}\r\n`)
    await begun
    if (read) await once(client.resume(), 'close')
  }
  const ended = () => responses.map(({ destroyed, writableFinished }) => (writableFinished ? 'taken' : destroyed ? 'ended' : 'waits'))

  it('wait up to a limit; one more ends the connection whose answer has waited for longest, and takes its place', async () => {
    for (let n = 0; n < 3; n++) await ask(large, false)
    assert.deepEqual(ended(), ['waits', 'waits', 'waits'])
    await ask(large, false)
    assert.deepEqual(ended(), ['ended', 'waits', 'waits', 'waits'])
  })

  it('take no place where they are small, or were taken', async () => {
    await ask(1024, false)
    assert.deepEqual(ended().slice(0, 4), ['ended', 'waits', 'waits', 'waits'])
    await ask(large, true)
    assert.deepEqual(ended(), ['ended', 'ended', 'waits', 'waits', 'taken', 'taken'])
    await ask(large, false)
    assert.deepEqual(ended(), ['ended', 'ended', 'waits', 'waits', 'taken', 'taken', 'waits'])
  })
})
