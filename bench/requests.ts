/** The requests that are measured, octet by octet, with the headers that Microsoft's JavaScript client sends. */

import { additionAt, addressesAt, personAt } from './people.ts'
import { type QueryCase, type QueryCaseName, queryCases } from './query-cases.ts'

/** What is measured everywhere. */
export type Work = 'get' | 'post'
/** What is measured anywhere. */
export type Asked = Work | QueryCaseName

export const statusOf = { get: 200, post: 201 } as const satisfies Record<Work, number>

/** How the servers want to be asked the same: for a person's emails, or to keep one more. */
export const dialects = {
  graph: {
    paths: () => ({ get: '/beta/me/profile/emails', post: '/beta/me/profile/emails' }),
    addition: additionAt,
  },
  cap: {
    paths: (userId) => ({ get: `/profile/Emails?$filter=user_ID%20eq%20${userId}`, post: '/profile/Emails' }),
    addition: (person, userId) => {
      const { inference, ...rest } = additionAt(person)
      const { confidenceScore, userHasVerifiedAccuracy } = inference
      return {
        ...rest,
        user_ID: userId,
        inference_confidenceScore: confidenceScore,
        inference_userHasVerifiedAccuracy: userHasVerifiedAccuracy,
      }
    },
  },
  express: {
    paths: (userId) => ({ get: `/users/${userId}/emails`, post: `/users/${userId}/emails` }),
    addition: additionAt,
  },
  jsonServer: {
    paths: (userId) => ({ get: `/emails?userId=${userId}`, post: '/emails' }),
    addition: (person, userId) => ({ ...additionAt(person), userId }),
  },
} as const satisfies Record<
  string,
  { paths: (userId: string) => Readonly<Record<Work, string>>; addition: (person: number, userId: string) => object }
>

export type Dialect = keyof typeof dialects

/** `person` is a number of people.ts. */
export function requestOf(work: Work, token: string, person: number, dialect: Dialect = 'graph'): Buffer {
  const { paths, addition } = dialects[dialect]
  const { id } = personAt(person)
  return render({ path: paths(id)[work], token, dialect, body: work === 'post' ? addition(person, id) : undefined })
}

/** Throws where the dialect cannot ask it. */
export function requestFor(name: QueryCaseName, token: string, person: number, people: number, dialect: Dialect): Buffer {
  const { urls, body }: QueryCase = queryCases[name]
  const url = urls[dialect]
  if (url === undefined) throw new Error(`${name} cannot be asked in the words of ${dialect}`)
  return render({ path: encodeURI(url(person, people)), token, dialect, body: body?.(person) })
}

interface Rendered {
  readonly path: string
  readonly token: string
  readonly dialect: Dialect
  /** One with a body is a POST, any other a GET. */
  readonly body: object | undefined
}

function render({ path, token, dialect, body: content }: Rendered): Buffer {
  const body = content === undefined ? '' : JSON.stringify(content)
  const hasBody = content !== undefined
  const head = [
    `${hasBody ? 'POST' : 'GET'} ${path} HTTP/1.1`,
    // Names no real port: both servers get the same octets, and links in the answer are as long.
    'Host: localhost:8080',
    'Connection: keep-alive',
    `Authorization: Bearer ${token}`,
    'SdkVersion: graph-js/3.0.7 (featureUsage=7)',
    'client-request-id: 3f2a8c1e-5b7d-4e9f-8a6b-1c2d3e4f5a6b',
    ...(hasBody ? ['Content-Type: application/json'] : []),
    'Accept: */*',
    'accept-language: *',
    'sec-fetch-mode: cors',
    'user-agent: node',
    // Selfgraph compresses nothing; a peer that would is spared the trouble.
    ...(dialect === 'graph' ? ['accept-encoding: gzip, deflate'] : []),
    ...(hasBody ? [`content-length: ${Buffer.byteLength(body)}`] : []),
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}

type Listed = readonly { readonly address?: unknown }[]

/** Throws where `body` is not the answer that `person` must get. */
export function checkBody(work: Work, body: string, person: number): void {
  const answer = JSON.parse(body) as Listed & { value?: Listed; address?: unknown } // compared below
  const list = (answer.value ?? answer) as Listed // as above
  const [got, wanted] =
    work === 'get'
      ? [
          [...list]
            .map(({ address }) => address)
            .sort()
            .join(' '),
          [...addressesAt(person)].sort().join(' '),
        ]
      : [answer.address, additionAt(person).address]
  if (got !== wanted) throw new Error(`${work}: expected ${wanted}, got ${body.slice(0, 300)}`)
}

/** The same of a question. */
export function checkAnswer(name: QueryCaseName, body: string, person: number, people: number): void {
  const { said, wanted }: QueryCase = queryCases[name]
  const [got, expected] = [said(JSON.parse(body)).join(', '), wanted(person, people).join(', ')]
  if (got !== expected) throw new Error(`${name}: expected ${expected}, got ${got}: ${body.slice(0, 300)}`)
}
