import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { freshFolder, type ServerProcess, serveProcess } from '../../support/program.ts'
import { token } from '../../support/server.ts'
import type { UserName } from '../../support/tenants.ts'

const writers: readonly UserName[] = ['kim', 'lee', 'reader', 'helpdesk', 'useradmin', 'authadmin', 'jo', 'ari']
const emails = '/beta/me/profile/emails'
const rounds = 3
/** Acknowledged writes after which the server is killed, in the midst of others. */
const enough = 120

interface Write {
  readonly user: UserName
  readonly address: string
}

/** Adds emails, one after the other, until the server is gone; answers what was acknowledged and what was tried. */
async function writeOn(server: ServerProcess, user: UserName, round: number, acknowledged: Write[]): Promise<readonly Write[]> {
  const bearer = await token(server, user, { scope: 'User.ReadWrite' })
  const tried: Write[] = []
  for (let n = 0; ; n++) {
    const write = { user, address: `${user}.${round}.${n}@example.org` }
    tried.push(write)
    const answer = await ask(server, `POST ${emails}`, { token: bearer, body: { address: write.address } }).catch(() => undefined)
    if (answer === undefined) return tried
    assert.equal(answer.status, 201, answer.text)
    acknowledged.push(write)
    if (acknowledged.length === enough) server.child.kill('SIGKILL')
  }
}

async function addressesOf(server: ServerProcess, user: UserName): Promise<readonly string[]> {
  const bearer = await token(server, user, { scope: 'User.ReadWrite' })
  const { json } = await ask(server, `GET ${emails}?$top=250`, { token: bearer })
  assert.equal(json['@odata.nextLink'], undefined)
  return json.value.map(({ address }: { address: string }) => address)
}

describe('A server that is killed in the midst of writes', { timeout: 90_000 }, () => {
  it('has every write that it acknowledged when it starts again, each of them once, and nothing that nobody sent', async () => {
    const folder = await freshFolder()
    const kept = new Map<UserName, Set<string>>(writers.map((user) => [user, new Set()]))
    const sent = new Set<string>()
    let server = await serveProcess({ folder })
    for (let round = 0; round < rounds; round++) {
      const running = server
      const acknowledged: Write[] = []
      const tried = (await Promise.all(writers.map((user) => writeOn(running, user, round, acknowledged)))).flat()
      assert.equal((await running.ended).signal, 'SIGKILL')
      assert.ok(acknowledged.length >= enough)
      for (const { user, address } of acknowledged) kept.get(user)?.add(address)
      for (const { address } of tried) sent.add(address)

      server = await serveProcess({ folder })
      for (const user of writers) {
        const there = await addressesOf(server, user)
        assert.equal(new Set(there).size, there.length, 'none is doubled')
        const lost = [...(kept.get(user) ?? [])].filter((address) => !there.includes(address))
        assert.deepEqual(lost, [], `round ${round}: acknowledged and gone`)
        assert.deepEqual(
          there.filter((address) => !sent.has(address)),
          [],
        )
        // A write whose answer the kill took away may be there or not; from now on it stays.
        kept.set(user, new Set(there))
      }
    }
  })
})
