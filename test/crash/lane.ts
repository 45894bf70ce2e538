/** One keep-alive connection, one request at a time. Nothing is ever sent twice: what got no answer stays unknown. */

import { Agent, request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly text: string
  readonly retryAfter: string | undefined
  readonly milliseconds: number
}

export interface Asked {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly token?: string
  /** Sent as JSON. */
  readonly body?: object
}

/** Longer than any answer may take; the tests themselves look at how long one took. */
const patienceMilliseconds = 90_000

export class Lane {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #port: number

  constructor(port: number) {
    this.#port = port
  }

  /** The whole answer, or undefined where none came. */
  send({ method, path, token, body }: Asked): Promise<Answer | undefined> {
    const startedAt = performance.now()
    const text = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(text === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
    }
    return new Promise((resolve) => {
      const sent = request({
        host: '127.0.0.1',
        port: this.#port,
        method,
        path,
        headers,
        agent: this.#agent,
        timeout: patienceMilliseconds,
      })
      sent.on('timeout', () => sent.destroy())
      sent.on('error', () => resolve(undefined))
      sent.on('response', (response) => {
        let received = ''
        response.setEncoding('utf8').on('data', (part: string) => {
          received += part
        })
        response.on('close', () =>
          resolve(
            response.complete
              ? {
                  status: response.statusCode ?? 0,
                  text: received,
                  retryAfter: response.headers['retry-after'],
                  milliseconds: performance.now() - startedAt,
                }
              : undefined,
          ),
        )
      })
      sent.end(text)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}
