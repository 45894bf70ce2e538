/** What hostile.ts sends: each kind of request that once held everybody up, and relatives of it made at random. */

import type { Asked, Target } from './hostile-client.ts'
import { repeat } from './hostile-client.ts'

/** Tokens of the attackers. */
export interface Tokens {
  /** Signed by this server, for nobody it knows, with a scope that opens nothing. */
  readonly stranger: string
  /** May read everybody. */
  readonly reader: string
  /** May change what is their own, after MFA. */
  readonly owner: string
}

export interface Attack {
  readonly name: string
  readonly says: string
  /** Goes on until the signal; `random` answers a number in [0, 1), from a seed. */
  run(target: Target, tokens: Tokens, signal: AbortSignal, random: () => number): Promise<void>
}

const emails = '/beta/me/profile/emails'
const users = '/v1.0/users'
const filterOf = (path: string, filter: string, aliases = '') => `${path}?$filter=${encodeURIComponent(filter)}${aliases}`

/** A balanced tree of `concat` with so many leaves. */
function concatOf(leaf: string, leaves: number): string {
  return leaves < 2 ? leaf : `concat(${concatOf(leaf, leaves >> 1)},${concatOf(leaf, leaves - (leaves >> 1))})`
}

const marks = `a${'\u0301\u0323'.repeat(50_000)}`
const longAlias = `&@p='${'a'.repeat(4_000)}'`
const constants = `indexof(${concatOf('@p', 64)},concat(${concatOf('@p', 16)},concat('b',${concatOf('@p', 16)}))) eq 0`
const inRows = (member: string) => `contains(${concatOf(member, 256)},concat(${concatOf(member, 128)},'b'))`

function always(atOnce: number, asked: (tokens: Tokens) => readonly Asked[]): Attack['run'] {
  return (target, tokens, signal) => {
    const all = asked(tokens)
    return repeat(signal, atOnce, (turn) => target.ask(all[turn % all.length] as Asked)) // none of the lists is empty
  }
}

function batchOf(token: string, parts: readonly Pick<Asked, 'method' | 'path' | 'headers' | 'body'>[]): Asked {
  const requests = parts.map(({ method = 'GET', path, headers = {}, body }, index) => ({
    ...{ id: String(index), method, url: path.replace(/^\/(beta|v1\.0)/, ''), headers },
    ...(body === undefined ? {} : { headers: { ...headers, 'Content-Type': 'application/json' }, body }),
  }))
  return { path: '/beta/$batch', token, body: { requests } }
}

const twenty = <T>(item: T): readonly T[] => Array.from({ length: 20 }, () => item)
const expanded = `${users}?$top=999&$expand=${encodeURIComponent('authentication($expand=emailMethods)')}`
const expandedBeta = `/beta/users?$top=999&$expand=${encodeURIComponent('profile($expand=emails),authentication($expand=emailMethods)')}`

export const attacks: readonly Attack[] = [
  {
    name: 'constants',
    says: 'texts worked out while a filter is read, by a stranger; in batches too',
    run: always(4, ({ stranger }) => [
      { path: filterOf(emails, constants, longAlias), token: stranger },
      batchOf(stranger, twenty({ path: filterOf(emails, constants, longAlias) })),
    ]),
  },
  {
    name: 'rows',
    says: 'texts worked out for each row of a small table',
    run: always(4, ({ owner }) => [
      { path: filterOf(emails, inRows('@p'), longAlias), token: owner },
      { path: filterOf(emails, inRows('address')), token: owner },
      {
        path: `${emails}?$orderby=${encodeURIComponent(`indexof(${concatOf('address', 128)},concat(${concatOf('address', 64)},'b'))`)}`,
        token: owner,
      },
    ]),
  },
  {
    name: 'marks',
    says: 'texts of combining marks in bodies, names of members, filters and paths',
    run: always(4, ({ owner, reader }) => [
      { path: emails, token: owner, body: { address: `${marks}@x.zz` } },
      { path: emails, token: owner, body: { [marks]: 1, address: 'kim@contoso.com' } },
      { path: emails, token: owner, body: { address: 'kim@contoso.com', displayName: marks, source: { type: [marks] } } },
      { path: '/v1.0/me/authentication/emailMethods', token: owner, body: { emailAddress: `${marks}@x.zz` } },
      { path: '/v1.0/me', method: 'PATCH', token: owner, body: { interests: [marks], aboutMe: marks } },
      { path: filterOf(emails, `address eq '${marks.slice(0, 1_200)}'`), token: owner },
      { path: `${users}/${encodeURIComponent(marks.slice(0, 1_200))}@x.zz`, token: reader },
    ]),
  },
  {
    name: 'texts',
    says: 'texts and lists as large as a body, then lists of what was kept',
    run: always(8, ({ owner }) => [
      { path: '/v1.0/me', method: 'PATCH', token: owner, body: { interests: ['x'.repeat(900_000)] } },
      { path: '/v1.0/me', method: 'PATCH', token: owner, body: { skills: Array.from({ length: 200_000 }, () => 'x') } },
      { path: emails, token: owner, body: { address: 'kim@contoso.com', source: { type: ['x'.repeat(900_000)] } } },
      batchOf(owner, twenty({ path: emails })),
      batchOf(owner, twenty({ path: '/v1.0/me?$select=interests,skills' })),
    ]),
  },
  {
    name: 'headers',
    says: 'headers of blanks and commas, alone and in batches',
    run: always(4, ({ owner }) => {
      const item = `${emails}/00000000-0000-4000-8000-00000000ffff`
      const evil = [`,${' '.repeat(40_000)}x`, `"${'a,'.repeat(20_000)}`, `${'W/'.repeat(20_000)}"`, `${'\t '.repeat(20_000)}`]
      const names = [
        'If-Match',
        'If-None-Match',
        'Prefer',
        'Accept',
        'Accept-Language',
        'client-request-id',
        'Content-Type',
        'ConsistencyLevel',
      ]
      const all = evil.flatMap((value) => names.map((name) => ({ [name]: value })))
      return [
        ...all.map((headers) => ({ path: item, method: 'PATCH', token: owner, headers, body: {} })),
        ...evil.map((value) => batchOf(owner, twenty({ path: item, method: 'DELETE', headers: { 'If-Match': value, Prefer: value } }))),
        { path: emails, token: owner, headers: { Authorization: `Bearer${' '.repeat(40_000)}x` } },
      ]
    }),
  },
  {
    name: 'patterns',
    says: 'forty patterns over a list',
    run: always(4, ({ owner }) => {
      const pattern = "matchesPattern(address,'%28a%7Cb%7Cab%29*c%24')"
      return [{ path: `${emails}?$filter=${Array.from({ length: 40 }, () => pattern).join('%20or%20')}`, token: owner }]
    }),
  },
  {
    name: 'abandoned',
    says: 'questions to the whole directory, given up by their client after 0.3 s',
    run: (target, { reader }, signal) => {
      const filter = `contains(${concatOf('displayName', 16)},concat(${concatOf('mail', 4)},'b'))`
      const paths = [
        filterOf(users, filter),
        filterOf(`${users}/$count`, filter),
        `${users}?$orderby=${encodeURIComponent('length(displayName)')}`,
      ]
      return repeat(signal, 8, (turn) =>
        target.ask({
          path: paths[turn % paths.length] ?? users,
          token: reader,
          headers: { ConsistencyLevel: 'eventual' },
          giveUpAfterMilliseconds: 300,
        }),
      )
    },
  },
  {
    name: 'expansions',
    says: 'batches of twenty pages of everybody with everything expanded',
    run: always(2, ({ reader }) => [
      batchOf(reader, twenty({ path: expandedBeta })),
      batchOf(reader, twenty({ path: expanded })),
      { path: expandedBeta, token: reader },
    ]),
  },
  {
    name: 'pipelined',
    says: 'eight connections with 85 large requests each, sent without waiting',
    run: (target, { reader }, signal) =>
      repeat(signal, 8, () => {
        const one = `GET ${expandedBeta} HTTP/1.1\r\nHost: localhost:8080\r\nAuthorization: Bearer ${reader}\r\n\r\n`
        return untilClosed(target, one.repeat(85), signal, 5_000)
      }),
  },
  {
    name: 'unread',
    says: 'large pages whose answers nobody takes',
    run: (target, { reader }, signal) =>
      repeat(signal, 32, () => {
        const one = `GET /beta/users?$top=999 HTTP/1.1\r\nHost: localhost:8080\r\nAuthorization: Bearer ${reader}\r\n\r\n`
        return untilClosed(target, one.repeat(20), signal, 5_000, { read: false })
      }),
  },
  {
    name: 'silent',
    says: 'connections that say nothing, or half of something, on both ports',
    run: (target, _, signal) => {
      const openings = [
        '',
        '\u0016\u0003\u0001\u0002',
        'GET / HTTP/1.1\r\nHost: x',
        'POST /beta/$batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n',
      ]
      return repeat(signal, 100, (turn) =>
        untilClosed(target, openings[turn % openings.length] ?? '', signal, 20_000, {
          port: turn % 2 === 0 ? target.httpsPort : target.httpPort,
        }),
      )
    },
  },
  {
    name: 'tokens',
    says: 'tokens that nobody signed, long ones and many',
    run: (target, { owner }, signal, random) =>
      repeat(signal, 16, (turn) => {
        const spoilt = `${owner.slice(0, -8)}${Math.floor(random() * 1e8)
          .toString(36)
          .padStart(8, 'A')}`
        return target.ask({ path: emails, token: turn % 4 === 0 ? `${owner}${'.'.repeat(30_000)}` : spoilt })
      }),
  },
  {
    name: 'bodies',
    says: 'bodies that are deep, wide or repeat themselves',
    run: always(4, ({ owner }) => [
      { path: emails, token: owner, body: `${'['.repeat(500_000)}${']'.repeat(500_000)}` },
      { path: emails, token: owner, body: `{${Array.from({ length: 90_000 }, (_, at) => `"m${at}":1`).join(',')}}` },
      { path: emails, token: owner, body: `{${Array.from({ length: 60_000 }, (_, at) => `"@m${at}":1`).join(',')}}` },
      { path: emails, token: owner, body: `[${'{"a":1},'.repeat(110_000)}1]` },
      batchOf(owner, [{ path: '/beta/me', headers: Object.fromEntries(Array.from({ length: 60_000 }, (_, at) => [`h${at}`, 'x'])) }]),
      batchOf(owner, [{ path: `/beta/${'é'.repeat(400_000)}` }]),
      { path: emails, token: owner, body: `{"address":"kim@contoso.com","inference":{"confidenceScore":${'1'.repeat(900_000)}}}` },
      { path: emails, token: owner, body: `"${'\\u0301'.repeat(150_000)}"` },
      { path: '/beta/$batch', token: owner, body: { requests: Array.from({ length: 50_000 }, (_, at) => ({ id: String(at) })) } },
      batchOf(owner, twenty({ path: emails, method: 'POST', body: { address: `${'a.'.repeat(20_000)}@x.zz` } })),
    ]),
  },
  {
    name: 'generated',
    says: 'filters, orders and searches made at random, as long as a URL may be, of a person and of everybody',
    run: (target, { owner, reader }, signal, random) =>
      repeat(signal, 8, (turn) => {
        const members = turn % 2 === 0 ? ['address', 'displayName', 'id'] : ['displayName', 'mail', 'userPrincipalName', 'jobTitle']
        const path = turn % 2 === 0 ? emails : users
        const option = pick(random, ['$filter', '$filter', '$orderby', '$search'])
        const text =
          option === '$search' ? wordsOf(random) : option === '$orderby' ? textOf(random, members, 6) : conditionOf(random, members, 5)
        return target.ask({
          path: `${path}?${option}=${encodeURIComponent(text)}`.slice(0, 16_000),
          token: turn % 2 === 0 ? owner : reader,
          headers: { ConsistencyLevel: 'eventual' },
        })
      }),
  },
]

const pick = <T>(random: () => number, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T // none of the lists is empty

function textOf(random: () => number, members: readonly string[], depth: number): string {
  if (depth === 0 || random() < 0.1) return random() < 0.5 ? pick(random, members) : `'${'ab'.repeat(1 + Math.floor(random() * 40))}'`
  const inner = () => textOf(random, members, depth - 1)
  return pick(random, [
    () => `concat(${inner()},${inner()})`,
    () => `concat(${inner()},${inner()})`,
    () => `substring(${inner()},${Math.floor(random() * 9)})`,
    () => `tolower(${inner()})`,
    () => `trim(${inner()})`,
  ])()
}

function conditionOf(random: () => number, members: readonly string[], depth: number): string {
  const text = () => textOf(random, members, 1 + Math.floor(random() * 6))
  const inner = () => conditionOf(random, members, depth - 1)
  if (depth > 0 && random() < 0.6)
    return pick(random, [() => `(${inner()} or ${inner()})`, () => `(${inner()} and ${inner()})`, () => `not (${inner()})`])()
  return pick(random, [
    () => `contains(${text()},${text()})`,
    () => `indexof(${text()},${text()}) eq 3`,
    () => `endswith(${text()},${text()})`,
    () => `length(${text()}) gt 7`,
    () => `${text()} in (${Array.from({ length: 20 }, (_, at) => `'${at}'`).join(',')})`,
  ])()
}

function wordsOf(random: () => number): string {
  return Array.from({ length: 1 + Math.floor(random() * 80) }, () => `"${'ab'.repeat(1 + Math.floor(random() * 20))}"`).join(' OR ')
}

/** One connection with octets on it, open until the server, the signal or the time ends it. */
function untilClosed(
  target: Target,
  octets: string,
  signal: AbortSignal,
  mostMilliseconds: number,
  { port = target.httpPort, read = true } = {},
): Promise<void> {
  return new Promise((resolve) => {
    const socket = target.open(port)
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      socket.destroy()
      resolve()
    }
    const timer = setTimeout(end, mostMilliseconds)
    signal.addEventListener('abort', end)
    socket.on('close', end)
    if (read) socket.resume()
    else socket.pause()
    if (octets !== '') socket.write(octets, 'latin1')
  })
}
