/** Finds out which program has a port: none, a Selfgraph, or another one. */

import { get as getHttp, type IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'
import { createServer } from 'node:net'
import { type Finding, finding, type Verdict } from './finding.ts'

const longestAnswerMilliseconds = 3_000
const longestAnswer = 4096

export interface PortFinding extends Finding {
  /** A server with this data listens there. */
  readonly isOurs?: true
}

/** `serving`: a server that has this data may be running. */
export async function checkPort(scheme: 'https' | 'http', host: string, port: number, serving: boolean): Promise<PortFinding> {
  const setting = scheme === 'https' ? 'SELFGRAPH_HTTPS_PORT' : 'SELFGRAPH_HTTP_PORT'
  const found = (verdict: Verdict, says: string) => finding(scheme, verdict, `port ${port} ${says}`)
  switch (await codeOfListening(host === 'localhost' ? '127.0.0.1' : host, port)) {
    case undefined:
      return found('ok', 'is free')
    case 'EADDRINUSE':
      break
    case 'EACCES':
      return found('bad', `may not be opened by this user: choose another with ${setting}`)
    default:
      return found('bad', `cannot be opened on ${host}, which is no address of this machine: correct SELFGRAPH_HOST`)
  }
  const state = await askWhetherReady(scheme, host, port)
  if (state !== undefined && !serving)
    return found('bad', `is taken by a Selfgraph with another data folder: stop it, or choose another port with ${setting}`)
  switch (state) {
    case 'ready':
      return { ...found('ok', 'is a running Selfgraph, which is ready'), isOurs: true }
    case 'unavailable':
      return found('bad', 'is a running Selfgraph whose database does not answer: see its log')
    default:
      return found('bad', `is taken by another program: stop it, or choose another port with ${setting}`)
  }
}

/** Undefined where the port can be had. */
function codeOfListening(host: string, port: number): Promise<string | undefined> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', (error: Error & { code?: string }) => resolve(error.code ?? error.message))
    server.listen({ host, port }, () => server.close(() => resolve(undefined)))
  })
}

/** The status that `/health/ready` tells; undefined where nobody tells one. */
function askWhetherReady(scheme: 'https' | 'http', host: string, port: number): Promise<string | undefined> {
  const hostname = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  const options = { hostname, port, path: '/health/ready', agent: false, timeout: longestAnswerMilliseconds }
  return new Promise((resolve) => {
    const read = (message: IncomingMessage) => {
      let text = ''
      message.setEncoding('utf8')
      message.on('data', (part: string) => {
        text += part
        if (text.length > longestAnswer) message.destroy()
      })
      message.on('close', () => resolve(/^\{"status":"(\w+)"\}$/.exec(text)?.[1]))
    }
    // Nothing secret is sent, and the certificate has a check of its own.
    const request = scheme === 'https' ? getHttps({ ...options, rejectUnauthorized: false }, read) : getHttp(options, read)
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(undefined))
  })
}
