/** The requests that are measured, octet by octet, with the headers that Microsoft's JavaScript client sends. */

import { additionAt, addressesAt } from './people.ts'

/** What is measured. */
export type Work = 'get' | 'post'

export const statusOf = { get: 200, post: 201 } as const satisfies Record<Work, number>

/** `person` is a number of people.ts. */
export function requestOf(work: Work, token: string, person: number): Buffer {
  const body = work === 'post' ? JSON.stringify(additionAt(person)) : ''
  const head = [
    `${work.toUpperCase()} /beta/me/profile/emails HTTP/1.1`,
    // Names no real port: both servers get the same octets, and links in the answer are as long.
    'Host: localhost:8080',
    'Connection: keep-alive',
    `Authorization: Bearer ${token}`,
    'SdkVersion: graph-js/3.0.7 (featureUsage=7)',
    'client-request-id: 3f2a8c1e-5b7d-4e9f-8a6b-1c2d3e4f5a6b',
    ...(work === 'post' ? ['Content-Type: application/json'] : []),
    'Accept: */*',
    'accept-language: *',
    'sec-fetch-mode: cors',
    'user-agent: node',
    'accept-encoding: gzip, deflate',
    ...(work === 'post' ? [`content-length: ${Buffer.byteLength(body)}`] : []),
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** Throws where `body` is not the answer that `person` must get. */
export function checkBody(work: Work, body: string, person: number): void {
  const answer = JSON.parse(body) as { value?: readonly { address?: unknown }[]; address?: unknown } // compared below
  const [got, wanted] =
    work === 'get'
      ? [answer.value?.map(({ address }) => address).join(' '), addressesAt(person).join(' ')]
      : [answer.address, additionAt(person).address]
  if (got !== wanted) throw new Error(`${work}: expected ${wanted}, got ${body}`)
}
