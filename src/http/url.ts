/** Where a request was sent: its path, and the origin that links in its answer begin with. */

import type { IncomingMessage } from 'node:http'
import type { App } from '../app.ts'

/** Path and query of a URL that may be absolute (RFC 9112, section 3.2.2). The authority in the URL is not looked at. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  if (url.startsWith('/')) return url
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '')
  return path.startsWith('/') ? path : `/${path}`
}

const loopbackName = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i

/** Where links point: the configured URL; else the loopback name that was called, never another name from `Host`. */
export function originOf({ config }: App, { headers, socket }: IncomingMessage, scheme: string): string {
  if (config.publicUrl !== undefined) return config.publicUrl.replace(/\/$/, '')
  const { host } = headers
  const called = host !== undefined && loopbackName.test(host) ? host.toLowerCase() : undefined
  if (called !== undefined) return `${scheme}://${called}`
  return `${scheme}://${config.host}:${socket.localPort ?? ''}`
}
