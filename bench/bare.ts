/**
 * What there is to be reached: a bare node:http server that sends the octets of a recorded answer. For a `POST` it
 * reads the body and parses it, and keeps nothing.
 */

import { createServer, type OutgoingHttpHeaders } from 'node:http'
import { onAsk } from './control.ts'
import type { Work } from './requests.ts'

export interface Recorded {
  readonly status: number
  /** As they came, less those that node:http writes by itself. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

onAsk('serve', async ({ recorded, keepAliveSeconds }: { recorded: Record<Work, Recorded>; keepAliveSeconds: number }) => {
  const headers: Record<Work, OutgoingHttpHeaders> = { get: recorded.get.headers, post: recorded.post.headers }
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.writeHead(recorded.get.status, headers.get)
      response.end(recorded.get.body)
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      JSON.parse(Buffer.concat(chunks).toString())
      response.writeHead(recorded.post.status, headers.post)
      response.end(recorded.post.body)
    })
  })
  server.keepAliveTimeout = keepAliveSeconds * 1000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' ? address?.port : undefined
})

// Questions come over the channel: it keeps this process.
process.channel?.ref()
