/**
 * `npm run bench -- secrecy`: whether the time of a 404 tells that somebody exists. Somebody of another tenant who shows nothing and
 * nobody at all are asked about in pairs, in an order that is drawn for each pair, on one connection.
 */

import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openOwnKey, ownIssuer, signToken } from '../src/auth/own-key.ts'
import { randomness } from '../src/randomness.ts'
import { Child } from './child.ts'
import { Connection } from './connection.ts'
import { importRecords } from './data.ts'
import { freePort } from './first-answer.ts'
import { tell } from './progress.ts'
import { table } from './tables.ts'

/** Below it a difference is no chance any more: with some ten sorts of requests, once in a thousand runs. */
const leastP = 0.0001
const warmUpPairs = 300
const [home, abroad] = ['aaaaeeee-0000-4ccc-8111-aaaabbbbcccc', 'bbbbeeee-0000-4ccc-8111-ddddeeeeffff']
const caller = '00000000-0000-4000-8000-000000000001'
const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'

const help = `Usage: npm run bench -- secrecy [OPTIONS]

Asks in pairs about somebody of another tenant who shows nothing, and about nobody; prints for each sort of request the medians and
whether the two sorts of times differ (Mann-Whitney: z and p). Aim: p of at least ${leastP} for each.

  --pairs N      of each sort (default: 2000)
  --only A,B     some sorts only
  --folder F     where the database is made (default: bench/data)
  --out FILE     where the table is written as well`

interface Person {
  readonly id: string
  readonly name: string
}

/** `there`: somebody who exists. Both kinds have keys of the same form. */
function personAt(index: number, there: boolean): Person {
  const digits = createHash('sha256').update(`${there} ${index}`).digest('hex').slice(0, 32)
  return { id: digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'), name: `${digits}@abroad.example` }
}

const sorts: Readonly<Record<string, (person: Person) => string>> = {
  'emails by id': ({ id }) => `/beta/users/${id}/profile/emails`,
  'emails by name': ({ name }) => `/beta/users/${name}/profile/emails`,
  'an email by id': ({ id }) => `/beta/users/${id}/profile/emails/${methodId}`,
  'count of emails by id': ({ id }) => `/beta/users/${id}/profile/emails/$count`,
  'profile by id': ({ id }) => `/beta/users/${id}/profile`,
  'profile with emails by name': ({ name }) => `/beta/users/${name}/profile?$expand=emails`,
  'user by id': ({ id }) => `/v1.0/users/${id}`,
  'user by name': ({ name }) => `/v1.0/users/${name}`,
  'email methods by id': ({ id }) => `/v1.0/users/${id}/authentication/emailMethods`,
  'methods by name': ({ name }) => `/v1.0/users/${name}/authentication/methods`,
}

interface Compared {
  readonly there: readonly number[]
  readonly nowhere: readonly number[]
}

export async function measureSecrecy(args: readonly string[], bench: string): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      pairs: { type: 'string', default: '2000' },
      only: { type: 'string' },
      folder: { type: 'string', default: `${bench}data` },
      out: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) return console.log(help)
  const names = values.only?.split(',') ?? Object.keys(sorts)
  const unknown = names.find((name) => !Object.hasOwn(sorts, name))
  if (unknown !== undefined) throw new Error(`--only takes ${Object.keys(sorts).join(', ')}; there is no ${unknown}`)
  await mkdir(values.folder, { recursive: true })
  const folder = await mkdtemp(join(values.folder, 'secrecy-'))
  const pairs = Number(values.pairs)
  try {
    await importPeople(folder, pairs)
    const port = await freePort()
    const environment = { SELFGRAPH_DATA: folder, SELFGRAPH_HTTP_PORT: String(port), SELFGRAPH_HTTPS_PORT: '0', SELFGRAPH_DEMO: '1' }
    const server = new Child({ program: ['src/main.ts', 'serve'], folder, logFile: join(folder, 'server.log'), environment })
    try {
      await server.firstAnswer(port, '/health/ready')
      const token = await makeToken(folder)
      const rows: (readonly (string | number)[])[] = []
      for (const name of names) {
        tell(`${name}…`)
        rows.push(rowOf(name, await compare(port, token, sorts[name] ?? (() => '/'), pairs)))
      }
      const text = `${table(['request', 'pairs', 'somebody, µs', 'nobody, µs', 'difference, µs', 'z', 'p', ''], rows)}\n`
      console.log(text)
      if (values.out !== undefined) await writeFile(values.out, text)
      if (rows.some((row) => row.at(-1) !== 'met')) process.exitCode = 1
    } finally {
      await server.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function importPeople(folder: string, count: number): Promise<void> {
  const lines: object[] = [
    { kind: 'tenant', id: home, displayName: 'Home', verifiedDomains: [{ name: 'home.example' }] },
    { kind: 'tenant', id: abroad, displayName: 'Abroad', verifiedDomains: [{ name: 'abroad.example' }] },
    { kind: 'user', tenantId: home, id: caller, userPrincipalName: 'caller@home.example', displayName: 'Caller' },
    { kind: 'email', tenantId: home, userId: caller, address: 'caller@home.example', allowedAudiences: 'me' },
    { kind: 'email', tenantId: home, userId: caller, address: 'caller@private.example', allowedAudiences: 'me' },
  ]
  for (let index = 0; index < count; index++) {
    const { id, name } = personAt(index, true)
    const key = { tenantId: abroad, userId: id }
    lines.push({ kind: 'user', tenantId: abroad, id, userPrincipalName: name, displayName: 'Stranger' })
    lines.push({ kind: 'email', ...key, address: name, allowedAudiences: 'me' })
    lines.push({ kind: 'email', ...key, address: `private-${name}`, allowedAudiences: 'me' })
    lines.push({ kind: 'emailMethod', ...key, emailAddress: name })
  }
  const file = join(folder, 'records.ndjson')
  await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  await importRecords(file, folder, { SELFGRAPH_DATA: folder })
  await openOwnKey(folder, randomness)
}

async function makeToken(folder: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return signToken(await openOwnKey(folder, randomness), {
    ...{ iss: ownIssuer, aud: 'https://graph.microsoft.com', tid: home, oid: caller, idtyp: 'user', iat: now, nbf: now, exp: now + 86_400 },
    scp: 'User.Read.All UserAuthenticationMethod.Read.All',
    wids: ['f2ef992c-3afb-46b9-b7cf-a126ee74c451'], // Global Reader
  })
}

async function compare(port: number, token: string, path: (person: Person) => string, pairs: number): Promise<Compared> {
  const asker = await openAsker(port)
  const ask = (index: number, there: boolean) => {
    const lines = [`GET ${path(personAt(index % pairs, there))} HTTP/1.1`, 'Host: localhost', `Authorization: Bearer ${token}`]
    return asker.ask(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`))
  }
  try {
    for (let index = 0; index < warmUpPairs; index++) await ask(index, index % 2 === 0)
    const times = { there: [] as number[], nowhere: [] as number[] }
    for (let index = 0; index < pairs; index++) {
      const first = Math.random() < 0.5
      for (const there of [first, !first]) times[there ? 'there' : 'nowhere'].push(await ask(index, there))
    }
    return times
  } finally {
    asker.close()
  }
}

interface Asker {
  /** Microseconds that the answer took, which must be a 404. */
  ask(request: Buffer): Promise<number>
  close(): void
}

function openAsker(port: number): Promise<Asker> {
  return new Promise((resolve, reject) => {
    let answered: (status: number) => void = () => undefined
    let failed: (error: Error) => void = reject
    const connection = new Connection(port, { onAnswer: ({ status }) => answered(status), onFailure: (error) => failed(error) }, () =>
      resolve({
        ask: (request) =>
          new Promise((done, lost) => {
            failed = lost
            const startedAt = performance.now()
            answered = (status) =>
              status === 404 ? done((performance.now() - startedAt) * 1000) : lost(new Error(`a ${status}, and no 404`))
            connection.send(request)
          }),
        close: () => connection.close(),
      }),
    )
  })
}

function rowOf(name: string, { there, nowhere }: Compared): readonly (string | number)[] {
  const z = mannWhitney(there, nowhere)
  const p = twoSided(z)
  const [one, other] = [medianOf(there), medianOf(nowhere)]
  return [
    name,
    there.length,
    one.toFixed(1),
    other.toFixed(1),
    (one - other).toFixed(1),
    z.toFixed(2),
    p.toPrecision(2),
    p >= leastP ? 'met' : '**missed**',
  ]
}

function medianOf(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  return ((sorted[(sorted.length - 1) >> 1] ?? Number.NaN) + (sorted[sorted.length >> 1] ?? Number.NaN)) / 2
}

/** The z of the rank-sum test: positive where the first sort takes longer. Times hardly ever tie, so that ties are not corrected for. */
function mannWhitney(first: readonly number[], second: readonly number[]): number {
  const all = [...first.map((time) => ({ time, isFirst: true })), ...second.map((time) => ({ time, isFirst: false }))]
  const ranks = all.toSorted((a, b) => a.time - b.time).reduce((sum, { isFirst }, rank) => sum + (isFirst ? rank + 1 : 0), 0)
  const [n, m] = [first.length, second.length]
  const expected = (n * (n + m + 1)) / 2
  return (ranks - expected) / Math.sqrt((n * m * (n + m + 1)) / 12)
}

/** Abramowitz and Stegun, 26.2.17: good to 7.5e-8. */
function twoSided(z: number): number {
  const x = Math.abs(z)
  const t = 1 / (1 + 0.2316419 * x)
  const tail = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return Math.min(1, (2 * Math.exp((-x * x) / 2) * tail) / Math.sqrt(2 * Math.PI))
}
