import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import sql from 'sql-template-tag'
import { ask } from '../../support/ask.ts'
import { freshFolder, serveProcess } from '../../support/program.ts'
import { startServer, token } from '../../support/server.ts'
import { personId, tenants } from '../../support/tenants.ts'

interface Line {
  readonly kind: string
  readonly level: string
  readonly time: string
  readonly [fact: string]: unknown
}

const linesOf = (text: string): readonly Line[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

/** Words that stand in requests below and must not stand in a log. */
const secrets = {
  addressInBody: 'secret.in.body@hidden.example',
  addressInUrl: 'secret.in.url@hidden.example',
  addressInQuery: 'secret.in.query@hidden.example',
  displayName: 'SecretDisplayName',
  backAddress: 'secret.back@hidden.example',
  member: 'secretMember',
  client: 'secret-client-request-id',
  header: 'SecretHeaderValue',
}

describe('The log', () => {
  it('says in a word why a token was refused, and the answer does not', async () => {
    const server = await startServer()
    const claims = (given: Readonly<Record<string, unknown>>) => token(server, 'kim', { scope: 'User.Read', claims: given })
    const good = await claims({})
    const seconds = Math.floor(server.now() / 1000)
    const cases: readonly (readonly [reason: string, token: string])[] = [
      ['malformed', 'nonsense'],
      ['header', `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`],
      ['issuer', await claims({ iss: 'https://issuer.invalid' })],
      ['signature', `${good.slice(0, -20)}AAAAAAAAAAAAAAAAAAAA`],
      ['claims', await claims({ oid: 7 })],
      ['audience', await claims({ aud: 'https://another.invalid' })],
      ['notYetValid', await claims({ nbf: seconds + 600 })],
      ['expired', await claims({ exp: seconds - 600 })],
      ['account', await claims({ oid: personId('jo') })],
    ]
    const said = new Set<string>()
    for (const [reason, given] of cases) {
      const { status, json, headers } = await ask(server, 'GET /v1.0/me', { token: given })
      assert.equal(status, 401, reason)
      const line = server.log.map((each) => JSON.parse(each) as Line).find(({ requestId }) => requestId === headers.get('request-id'))
      assert.equal(line?.reason, reason)
      said.add(`${json.error.code} ${json.error.message} ${Object.keys(json.error)} ${headers.get('www-authenticate')}`)
    }
    assert.equal(said.size, 1, 'every refusal reads the same')
    const { headers } = await ask(server, 'GET /v1.0/me', { token: good })
    const line = server.log.map((each) => JSON.parse(each) as Line).find(({ requestId }) => requestId === headers.get('request-id'))
    assert.equal(line?.reason, undefined)
  })

  it('holds no token, address, code, body or URL of any request, be it answered or refused', async () => {
    const server = await serveProcess()
    const kim = await token(server, 'kim', { scope: 'User.ReadWrite UserAuthenticationMethod.ReadWrite', mfa: true })
    const forged = `${kim.slice(0, -20)}AAAAAAAAAAAAAAAAAAAA`
    const expired = await token(server, 'kim', { scope: 'User.ReadWrite', claims: { exp: 1 } })
    const requests: readonly (readonly [string, Parameters<typeof ask>[2], number])[] = [
      ['POST /beta/me/profile/emails', { token: kim, body: { address: secrets.addressInBody, displayName: secrets.displayName } }, 201],
      ['POST /v1.0/me/authentication/emailMethods', { token: kim, body: { emailAddress: secrets.backAddress } }, 201],
      ['POST /v1.0/me/authentication/emailMethods', { token: kim, body: { emailAddress: secrets.backAddress } }, 409],
      ['GET /beta/me/profile/emails', { token: kim, headers: { 'client-request-id': secrets.client, 'X-Thing': secrets.header } }, 200],
      ['POST /beta/me/profile/emails', { token: kim, body: { address: `${secrets.addressInBody} ` } }, 400],
      ['POST /beta/me/profile/emails', { token: kim, body: { [secrets.member]: 1 } }, 400],
      ['POST /beta/me/profile/emails', { token: kim, body: `{"address":"${secrets.addressInBody}"` }, 400],
      [`GET /v1.0/users/${secrets.addressInUrl}`, { token: kim }, 403],
      [`GET /v1.0/${secrets.addressInUrl}`, { token: kim }, 400],
      [`GET /beta/me/profile/emails?$select=${secrets.addressInQuery}`, { token: kim }, 400],
      [`GET /beta/me/profile/emails('${secrets.addressInUrl}')`, { token: kim }, 404],
      [`GET /${secrets.addressInUrl}`, { token: kim }, 400],
      ['GET /v1.0/me', { token: forged }, 401],
      ['GET /v1.0/me', { token: expired }, 401],
      ['GET /v1.0/me', { headers: { Authorization: secrets.header } }, 401],
      ['GET /v1.0/me', {}, 401],
    ]
    for (const [request, asking, status] of requests) assert.equal((await ask(server, request, asking)).status, status, request)
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`NONSENSE ${secrets.addressInUrl}\r\n\r\n`)
    await once(socket.resume(), 'close')
    server.child.kill('SIGTERM')
    const { stdout, stderr } = await server.ended
    assert.equal(linesOf(stdout).filter(({ kind }) => kind === 'answered').length, requests.length + 1)
    for (const text of [stdout, stderr]) {
      for (const [what, secret] of Object.entries(secrets)) assert.ok(!text.toLowerCase().includes(secret.toLowerCase()), what)
      for (const bearer of [kim, forged, expired])
        for (const part of bearer.split('.').slice(1)) assert.ok(!text.includes(part), 'a part of a token')
      assert.doesNotMatch(text, /hidden\.example|%40/)
    }
  })

  it('has one line for each request, with the id that the client got, the route as a template, status, code, and whose it was', async () => {
    const server = await startServer()
    const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })
    const asked = [
      ['GET /v1.0/me', '/users/{user}', undefined],
      [`GET /v1.0/users/${personId('kim')}`, '/users/{user}', undefined],
      ["GET /v1.0/users('kim@contoso.com')", '/users/{user}', undefined],
      ['GET /beta/me/profile/emails', '/users/{user}/profile/emails', undefined],
      ['GET /beta/me/profile/emails/$count', '/users/{user}/profile/emails/$count', undefined],
      ['GET /beta/me/profile/emails/nobodys', '/users/{user}/profile/emails/{id}', 'ErrorItemNotFound'],
      ['PUT /beta/me/profile/emails', '/users/{user}/profile/emails', 'Request_BadRequest'],
      ['GET /v1.0/nothing', '-', 'BadRequest'],
    ] as const
    for (const [request, route, code] of asked) {
      const before = server.log.length
      const answer = await ask(server, request, { token: kim })
      const lines = server.log.slice(before).flatMap(linesOf)
      assert.equal(lines.length, 1, request)
      const { time, milliseconds, ...facts } = lines[0] as Line // there is one
      assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000)
      assert.equal(typeof milliseconds, 'number')
      assert.deepEqual(facts, {
        level: 'info',
        kind: 'answered',
        method: request.split(' ')[0],
        route,
        status: answer.status,
        ...(code === undefined ? {} : { code }),
        requestId: answer.headers.get('request-id'),
        tenant: tenants.contoso,
        application: '11111111-2222-4333-8444-555555555555',
      })
    }
    const before = server.log.length
    const stranger = await ask(server, 'GET /v1.0/me')
    const [line, ...more] = server.log.slice(before).flatMap(linesOf)
    assert.deepEqual(more, [])
    assert.deepEqual(
      [line?.route, line?.status, line?.code, line?.requestId, line?.tenant],
      ['-', 401, 'InvalidAuthenticationToken', stranger.headers.get('request-id'), undefined],
    )
  })

  it('holds nothing of a stored record that cannot be read, though the error that tells of it would quote it', async () => {
    const server = await startServer()
    const kim = await token(server, 'kim', { scope: 'User.ReadWrite' })
    const created = await ask(server, 'POST /beta/me/profile/emails', { token: kim, body: { address: secrets.addressInBody } })
    const record = `{"address":${secrets.addressInBody}}`
    await server.app.database.write('everyone', (transaction) => transaction.change(sql`UPDATE profile_emails SET record = ${record}`))
    const answer = await ask(server, `PATCH /beta/me/profile/emails/${created.json.id}`, { token: kim, body: { displayName: 'x' } })
    assert.equal(answer.status, 500)
    const [failure] = server.log.flatMap(linesOf).filter(({ kind }) => kind === 'failed')
    assert.match(JSON.stringify(failure), /SyntaxError.*is not valid JSON/)
    assert.doesNotMatch(server.log.join('') + answer.text, /hidden\.example/)
  })

  it('says when the server started, where and with which data, and when it ended and why', async () => {
    const server = await serveProcess({ folder: await freshFolder() })
    server.child.kill('SIGTERM')
    const lines = linesOf((await server.ended).stdout).map(({ time, level, ...facts }) => facts)
    assert.deepEqual(lines, [
      { kind: 'imported', file: 'demo/tenants.ndjson', records: 21, refused: 0 },
      { kind: 'started', urls: [server.http], database: `SQLite in ${server.folder}/selfgraph.db` },
      { kind: 'stopping', signal: 'SIGTERM' },
      { kind: 'stopped' },
    ])
  })

  for (const [level, told] of [
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ] as const)
    it(`tells with SELFGRAPH_LOG_LEVEL=${level} ${told.length === 0 ? 'nothing' : told.join(', ')}`, async () => {
      // An issuer that cannot be reached is a warning; what the program cannot explain is an error.
      const server = await startServer({
        settings: { SELFGRAPH_LOG_LEVEL: level, SELFGRAPH_TRUSTED_ISSUERS: 'https://issuer.invalid' },
        fetch: () => Promise.reject(new Error('out of reach')),
      })
      const stranger = await token(server, 'kim', { scope: 'User.Read', claims: { iss: 'https://issuer.invalid' } })
      assert.equal((await ask(server, 'GET /v1.0/me', { token: stranger })).status, 503)
      const kim = await token(server, 'kim', { scope: 'User.Read' })
      assert.equal((await ask(server, 'GET /v1.0/me', { token: kim })).status, 200)
      await server.app.database.write('everyone', (transaction) => transaction.change(sql`DROP TABLE profile_emails`))
      const broken = await ask(server, 'GET /beta/me/profile/emails', { token: kim })
      assert.equal(broken.status, 500)
      assert.deepEqual([...new Set(server.log.flatMap(linesOf).map((line) => line.level))].sort(), [...told].sort())
      const failure = server.log.flatMap(linesOf).find(({ kind }) => kind === 'failed')
      assert.equal(failure?.requestId, level === 'silent' ? undefined : broken.headers.get('request-id'))
    })
})
