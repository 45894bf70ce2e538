/**
 * Every thing worth telling an operator, once. The code says what happened; this file says how it is told.
 * No token, code, address or body is ever part of an event: a request is named by its route, not its URL.
 */

export type Event =
  | { readonly kind: 'started'; readonly urls: readonly string[]; readonly database: string }
  | { readonly kind: 'stopping'; readonly signal: string }
  | { readonly kind: 'stopped' }
  | {
      readonly kind: 'answered'
      readonly method: string
      /** The route's template, such as `/users/{user}/profile/emails`; `-` where none matched. */
      readonly route: string
      readonly status: number
      readonly code?: string | undefined
      /** Why the token was refused, in a word. */
      readonly reason?: string | undefined
      readonly milliseconds: number
      readonly requestId: string
      readonly tenant?: string | undefined
      readonly application?: string | undefined
    }
  | { readonly kind: 'failed'; readonly requestId: string; readonly error: unknown }
  /** `refused`: so many since this was told last. */
  | { readonly kind: 'connectionsRefused'; readonly refused: number }
  | { readonly kind: 'issuerUnreachable'; readonly issuer: string; readonly error: unknown }
  /** Keys that tokens are signed with here, by their ids. */
  | { readonly kind: 'keyAdded'; readonly key: string; readonly signsFrom: string }
  | { readonly kind: 'keyDropped'; readonly key: string }
  | { readonly kind: 'keyTakenOver'; readonly key: string }
  /** The ring of keys could not be read, or one of them not be opened. */
  | { readonly kind: 'keysUnusable'; readonly error: unknown }
  /** An attempt; there will be another. `code`: what is kept of the error. */
  | {
      readonly kind: 'jobFailed'
      readonly job: string
      readonly id: string
      readonly attempts: number
      readonly code: string
      readonly error: unknown
    }
  | {
      readonly kind: 'jobDied'
      readonly job: string
      readonly id: string
      readonly attempts: number
      readonly code: string
      /** Absent where the processes that ran it never told. */
      readonly error?: unknown
    }
  /** The job took longer than its lease, and another process has it: what came of it here does not count. */
  | { readonly kind: 'jobOverran'; readonly job: string; readonly id: string }
  /** The queue cannot be read or written just now. */
  | { readonly kind: 'jobsUnavailable'; readonly error: unknown }
  /** A part of the program did not stop within its bound. */
  | { readonly kind: 'leftBehind'; readonly part: string; readonly milliseconds: number }
  | { readonly kind: 'imported'; readonly file: string; readonly records: number; readonly refused: number }

export type Observe = (event: Event) => void

export const logLevels = ['silent', 'error', 'warn', 'info'] as const
export type LogLevel = (typeof logLevels)[number]

const levels = {
  started: 'info',
  stopping: 'info',
  stopped: 'info',
  answered: 'info',
  failed: 'error',
  connectionsRefused: 'warn',
  issuerUnreachable: 'warn',
  keyAdded: 'info',
  keyDropped: 'info',
  keyTakenOver: 'info',
  keysUnusable: 'warn',
  jobFailed: 'warn',
  jobDied: 'error',
  jobOverran: 'warn',
  jobsUnavailable: 'warn',
  leftBehind: 'warn',
  imported: 'info',
} as const satisfies Record<Event['kind'], LogLevel>

/** Where log lines go. `now`: it is worth having this one on disk before anything else happens. */
export interface LogSink {
  write(line: string, urgency: 'now' | 'soon'): void
}

/** Tells events as JSON lines: `time`, `level`, `kind` (which event), and its facts. */
export function observeInto(sink: LogSink, leastLevel: LogLevel, now: () => number): Observe {
  const least = logLevels.indexOf(leastLevel)
  const time = timeTexts(now)
  return (event) => {
    const level = levels[event.kind]
    if (logLevels.indexOf(level) > least) return
    // Put together from texts: this runs with every request.
    sink.write(`{"time":"${time()}","level":"${level}",${factsOf(event)}\n`, level === 'info' ? 'soon' : 'now')
  }
}

/** An event's members as JSON text, without the opening brace. */
function factsOf(event: Event): string {
  if (event.kind !== 'answered') return JSON.stringify('error' in event ? { ...event, error: describe(event.error) } : event).slice(1)
  const { method, route, status, code, reason, milliseconds, requestId, tenant, application } = event
  const refused = `${code === undefined ? '' : `,"code":"${code}"`}${reason === undefined ? '' : `,"reason":"${reason}"`}`
  const asker = `${tenant === undefined ? '' : `,"tenant":${quoted(tenant)}`}${application === undefined ? '' : `,"application":${quoted(application)}`}`
  // A method, a route, a code, a reason and an id of ours hold nothing that JSON would have to escape.
  return `"kind":"answered","method":"${method}","route":"${route}","status":${status}${refused},"milliseconds":${milliseconds},"requestId":"${requestId}"${asker}}`
}

/** As JSON. Most are ids, which need nothing but the quotes. */
function quoted(text: string): string {
  return /^[\w-]*$/.test(text) ? `"${text}"` : JSON.stringify(text)
}

/** The time as text, made once a millisecond. */
function timeTexts(now: () => number): () => string {
  let at = Number.NaN
  let text = ''
  return () => {
    const current = now()
    if (current !== at) {
      at = current
      text = new Date(current).toISOString()
    }
    return text
  }
}

function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  return {
    name: error.name,
    message: withoutQuotation(error.message),
    stack: error.stack === undefined ? undefined : withoutQuotation(error.stack),
    cause: error.cause === undefined ? undefined : describe(error.cause),
  }
}

/** JSON.parse quotes what it could not parse, which may be anybody's record. */
function withoutQuotation(text: string): string {
  const start = text.search(/, (?:\.{3})?"/)
  const end = text.lastIndexOf(' is not valid JSON')
  return start < 0 || end < start ? text : `${text.slice(0, start)} in what${text.slice(end)}`
}
