import assert from 'node:assert/strict'
import { mkdir, open, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { startServer, token } from '../../support/server.ts'

describe('The health endpoints', () => {
  it('are open: without a token, and whatever token comes', async () => {
    const server = await startServer()
    for (const headers of [{}, { Authorization: 'Bearer nonsense' }])
      for (const [path, status] of [
        ['live', 'live'],
        ['ready', 'ready'],
      ] as const) {
        const answer = await ask(server, `GET /health/${path}`, { headers })
        assert.deepEqual([answer.status, answer.json], [200, { status }])
      }
  })

  it('tell nothing of the server beyond that, and are no door to anything else', async () => {
    const server = await startServer()
    const answer = await ask(server, 'GET /health/ready')
    assert.equal(answer.text, '{"status":"ready"}')
    for (const path of ['/health', '/health/', '/health/other', '/health/ready/more', '/v1.0/health/ready'])
      assert.equal((await ask(server, `GET ${path}`)).status, 401, path)
    assert.equal((await ask(server, 'POST /health/ready', { body: {} })).status, 401)
  })

  const spoilt: readonly (readonly [string, (folder: string, file: string) => Promise<unknown>])[] = [
    ['is gone', (_, file) => rm(file)],
    ['was moved away with its folder', (folder) => rename(folder, `${folder}-moved`)],
    ['was written over', (_, file) => Promise.all([writeFile(file, Buffer.alloc(8192, 'x')), truncate(`${file}-wal`)])],
    ['has become a folder', (_, file) => rm(file).then(() => mkdir(file))],
  ]
  for (const [what, spoil] of spoilt)
    it(`answer 503 for ready and 200 for live when the database ${what}`, async (test) => {
      const server = await startServer()
      test.after(() => rm(`${server.folder}-moved`, { recursive: true, force: true }))
      assert.equal((await ask(server, 'GET /health/ready')).status, 200)
      await spoil(server.folder, join(server.folder, 'selfgraph.db'))
      const ready = await ask(server, 'GET /health/ready')
      assert.deepEqual([ready.status, ready.json], [503, { status: 'unavailable' }])
      assert.equal((await ask(server, 'GET /health/live')).status, 200)
    })

  it('answer 200 for ready again when the database is back', async () => {
    const server = await startServer()
    const file = join(server.folder, 'selfgraph.db')
    await rename(file, `${file}.away`)
    assert.equal((await ask(server, 'GET /health/ready')).status, 503)
    await rename(`${file}.away`, file)
    assert.equal((await ask(server, 'GET /health/ready')).status, 200)
  })
})

describe('A database that is damaged where no start looks', () => {
  it('makes requests that meet the damage answer 503 and the log say which file it is; others are answered', async () => {
    const first = await startServer()
    const kim = await token(first, 'kim', { scope: 'User.ReadWrite' })
    for (let n = 0; n < 60; n++)
      await ask(first, 'POST /beta/me/profile/emails', {
        token: kim,
        body: { address: `kim${n}@example.org`, displayName: 'x'.repeat(250) },
      })
    const [page] = await first.app.database.read<{ rootpage: number; size: number }>({
      sql: "SELECT rootpage, (SELECT page_size FROM pragma_page_size) AS size FROM sqlite_schema WHERE name = 'profile_emails'",
      values: [],
    } as never) // a statement without values
    await first.stop()
    const handle = await open(join(first.folder, 'selfgraph.db'), 'r+')
    await handle.write(Buffer.alloc(page?.size ?? 0), 0, page?.size ?? 0, ((page?.rootpage ?? 1) - 1) * (page?.size ?? 0))
    await handle.close()

    const server = await startServer({ folder: first.folder })
    const answer = await ask(server, 'GET /beta/me/profile/emails', { token: kim })
    assert.deepEqual([answer.status, answer.json.error.code], [503, 'serviceNotAvailable'])
    assert.ok(answer.headers.has('Retry-After'))
    assert.doesNotMatch(answer.text, /malformed|damaged|selfgraph\.db/)
    assert.ok(server.log.some((line) => line.includes('"kind":"failed"') && line.includes('selfgraph.db is damaged')))
    assert.equal((await ask(server, 'GET /v1.0/me', { token: kim })).status, 200)
  })
})
