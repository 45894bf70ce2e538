/** What Selfgraph answers, recorded for the bare server; and whether that one's answers can be told from it. */

import type { Recorded } from './bare.ts'
import { exchange } from './connection.ts'
import { checkBody, requestOf, statusOf, type Work } from './requests.ts'

export type Recording = Record<Work, Recorded> & { readonly heads: Record<Work, string>; readonly keepAliveSeconds: number }

/** What node:http writes by itself. */
const own = ['date', 'connection', 'keep-alive']

export async function record(port: number, token: string, person: number): Promise<Recording> {
  const answerTo = async (work: Work) => {
    const { status, head, body } = await exchange(port, requestOf(work, token, person))
    if (status !== statusOf[work]) throw new Error(`${work}: ${status} ${body}`)
    checkBody(work, body, person)
    return { head, recorded: { status, headers: headersOf(head, (name) => !own.includes(name)), body } }
  }
  const get = await answerTo('get')
  const post = await answerTo('post')
  return {
    get: get.recorded,
    post: post.recorded,
    heads: { get: get.head, post: post.head },
    keepAliveSeconds: Number(/timeout=(\d+)/.exec(get.head)?.[1] ?? 5),
  }
}

function headersOf(head: string, isWanted: (name: string) => boolean): Record<string, string> {
  const pairs = head
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(/: (.*)/s))
  return Object.fromEntries(pairs.flatMap(([name = '', value = '']) => (isWanted(name.toLowerCase()) ? [[name, value]] : [])))
}

/** The bare server is fair game only if a client could not tell it from Selfgraph. */
export async function compare(port: number, token: string, person: number, heads: Record<Work, string>): Promise<void> {
  for (const work of ['get', 'post'] as const) {
    const { head } = await exchange(port, requestOf(work, token, person))
    const [theirs, ours] = [head, heads[work]].map((text) => text.replace(/^Date: .*$/m, ''))
    if (theirs !== ours) throw new Error(`the bare server answers ${work} otherwise:\n${theirs}\n\nthan Selfgraph:\n${ours}`)
  }
}
