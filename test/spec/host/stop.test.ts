import assert from 'node:assert/strict'
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ask } from '../../support/ask.ts'
import { hold, kinds } from '../../support/held.ts'
import { freePort, type ServerProcess, serveProcess } from '../../support/program.ts'
import { token } from '../../support/server.ts'

interface Answer {
  readonly status: number | undefined
  readonly closes: boolean
  readonly text: string
}

const emails = '/beta/me/profile/emails'

function open(server: ServerProcess, agent: Agent, method: string, path: string, headers: Record<string, string | number>): ClientRequest {
  return request({ host: 'localhost', port: server.port, method, path, agent, headers })
}

/** The whole answer, or the error that took it away. */
function answerTo(asked: ClientRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    asked.on('error', reject)
    asked.on('response', (response: IncomingMessage) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode, closes: response.headers.connection === 'close', text }))
    })
  })
}

const oneConnection = () => new Agent({ keepAlive: true, maxSockets: 1 })

function refused(server: ServerProcess): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1')
    socket.on('connect', () => resolve(false)).on('connect', () => socket.destroy())
    socket.on('error', (error: Error & { code?: string }) => resolve(error.code === 'ECONNREFUSED'))
  })
}

/** Asks the server to end; resolves when it takes no new connections. */
async function askToEnd(server: ServerProcess): Promise<void> {
  server.child.kill('SIGTERM')
  while (!(await refused(server))) await pause(5)
}

describe('A server that is asked to end', { concurrency: 3, timeout: 90_000 }, () => {
  it('answers every request of busy connections in full, tells each that it closes, and exits with 0 within ten seconds', async () => {
    const server = await serveProcess()
    const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })
    const created: string[] = []
    let asked = false
    let answeredAfter = 0
    const busy = Array.from({ length: 12 }, async (_, n) => {
      const agent = oneConnection()
      for (let round = 0; ; round++) {
        const body = n % 2 === 0 && round < 20 ? JSON.stringify({ address: `kim${n}.${round}@example.org` }) : ''
        const headers = { Authorization: `Bearer ${kim}`, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
        const sent = open(server, agent, body === '' ? 'GET' : 'POST', emails, headers)
        const answering = answerTo(sent)
        sent.end(body)
        const { status, closes, text } = await answering
        assert.equal(status, body === '' ? 200 : 201)
        const json = JSON.parse(text)
        if (body !== '') created.push(json.id)
        if (asked) answeredAfter++
        if (closes) return
      }
    })
    await pause(300)
    const askedAt = Date.now()
    server.child.kill('SIGTERM')
    asked = true
    await Promise.all(busy)
    const { code, stdout } = await server.ended
    assert.equal(code, 0)
    assert.ok(Date.now() - askedAt < 10_000)
    assert.ok(answeredAfter >= 12, 'each connection was answered after the signal')
    assert.match(stdout, /"kind":"stopping","signal":"SIGTERM"[\s\S]*"kind":"stopped"\}\n$/)

    const next = await serveProcess({ folder: server.folder })
    const kept = await ask(next, `GET ${emails}?$top=500`, { token: kim })
    assert.deepEqual(kept.json.value.map(({ id }: { id: string }) => id).sort(), created.sort())
  })

  it('waits for a request whose body is still on its way, and takes no new connection meanwhile', async () => {
    const server = await serveProcess()
    const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })
    const body = JSON.stringify({ address: 'slow@example.org' })
    const sent = open(server, oneConnection(), 'POST', emails, {
      Authorization: `Bearer ${kim}`,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    })
    const answering = answerTo(sent)
    await new Promise<void>((resolve) => sent.write(body.slice(0, 5), () => resolve()))
    // The server has the beginning when it answers somebody else afterwards.
    await ask(server, 'GET /health/live')
    await askToEnd(server)
    // Longer than idle connections are left open.
    await pause(1500)
    assert.equal(await refused(server), true)
    assert.equal(server.child.exitCode, null)
    sent.end(body.slice(5))
    const { status, closes, text } = await answering
    assert.deepEqual({ status, closes }, { status: 201, closes: true })
    assert.equal((await server.ended).code, 0)
    const next = await serveProcess({ folder: server.folder })
    const item = await ask(next, `GET ${emails}/${JSON.parse(text).id}`, { token: kim })
    assert.equal(item.json.address, 'slow@example.org')
  })

  it('does not wait for a request that never comes to its end: it is gone within ten seconds, with exit code 0', async () => {
    const server = await serveProcess()
    const socket = connect(server.port, '127.0.0.1')
    const closed = new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve))
    socket.write('POST /beta/me/profile/emails HTTP/1.1\r\nHost: localhost\r\n')
    await ask(server, 'GET /health/live')
    const askedAt = Date.now()
    server.child.kill('SIGTERM')
    assert.equal((await server.ended).code, 0)
    assert.ok(Date.now() - askedAt < 10_000)
    await closed
  })

  it('is gone within ten seconds, whatever clients hold connections to either port, and with exit code 0', async () => {
    const httpsPort = await freePort()
    const server = await serveProcess({ settings: { SELFGRAPH_HTTPS_PORT: String(httpsPort) } })
    const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })
    const origins = { http: server.http, https: `https://localhost:${httpsPort}` }
    const holding = Object.values(kinds).flatMap((kind) => kind.on.map((scheme) => hold(kind, origins[scheme], kim)))
    await Promise.all(holding)
    await ask(server, 'GET /health/live')
    const askedAt = Date.now()
    server.child.kill('SIGTERM')
    assert.equal((await server.ended).code, 0)
    assert.ok(Date.now() - askedAt < 10_000)
  })

  it('says that it is not ready any more, and still that it lives, on connections that are open', async () => {
    const server = await serveProcess()
    const [ready, live] = [oneConnection(), oneConnection()]
    const get = (agent: Agent, path: string) => {
      const sent = open(server, agent, 'GET', path, {})
      const answering = answerTo(sent)
      sent.end()
      return answering
    }
    assert.deepEqual(await get(ready, '/health/ready'), { status: 200, closes: false, text: '{"status":"ready"}' })
    assert.deepEqual(await get(live, '/health/live'), { status: 200, closes: false, text: '{"status":"live"}' })
    await askToEnd(server)
    assert.deepEqual(await Promise.all([get(ready, '/health/ready'), get(live, '/health/live')]), [
      { status: 503, closes: true, text: '{"status":"unavailable"}' },
      { status: 200, closes: true, text: '{"status":"live"}' },
    ])
    assert.equal((await server.ended).code, 0)
  })

  it('is not disturbed by being asked again', async () => {
    const server = await serveProcess()
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const) server.child.kill(signal)
    const { code, stdout, stderr } = await server.ended
    assert.equal(code, 0)
    assert.equal(stdout.match(/"kind":"stopping"/g)?.length, 1)
    assert.equal(stdout.match(/"kind":"stopped"/g)?.length, 1)
    assert.doesNotMatch(stderr, /Error/)
  })

  it('ends at once when nobody is connected or connections are idle, and leaves nothing of its own in the folder open', async () => {
    const server = await serveProcess()
    const agent = oneConnection()
    const sent = open(server, agent, 'GET', '/health/live', {})
    const answering = answerTo(sent)
    sent.end()
    await answering
    const askedAt = Date.now()
    server.child.kill('SIGINT')
    const { code, signal } = await server.ended
    assert.deepEqual({ code, signal }, { code: 0, signal: null })
    assert.ok(Date.now() - askedAt < 3000)
    // The next one gets the folder, the database without a leftover log, and the same port.
    const next = await serveProcess({ folder: server.folder, settings: { SELFGRAPH_HTTP_PORT: String(server.port) } })
    next.child.kill('SIGTERM')
    assert.equal((await next.ended).code, 0)
  })
})
