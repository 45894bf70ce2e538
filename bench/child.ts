/** Child processes of the benchmark: started, asked, ended. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ControlCall, Reply, Usage } from './control.ts'
import { firstAnswer } from './first-answer.ts'

export const root = fileURLToPath(new URL('../', import.meta.url))
const control = new URL('./control.ts', import.meta.url).href

/** Of the log of one that did not start. */
const loggedCharacters = 1500

interface ChildOptions {
  /** The program, from the root of the project, and its arguments. */
  readonly program: readonly string[]
  readonly folder: string
  readonly environment?: Readonly<Record<string, string>>
  /** File that takes what the child writes; without one it goes to the terminal. */
  readonly logFile?: string
  /** For Node. */
  readonly options?: readonly string[]
}

export class Child {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>()
  readonly #name: string
  readonly #logFile: string | undefined
  #asked = 0

  constructor({ program: [file = '', ...args], folder, environment = {}, logFile, options = [] }: ChildOptions) {
    this.#name = file
    this.#logFile = logFile
    const out = logFile === undefined ? ('inherit' as const) : openSync(logFile, 'a')
    this.#process = spawn(process.execPath, [...options, '--import', control, `${root}${file}`, ...args], {
      cwd: folder,
      env: { ...withoutSettings(), ...environment },
      stdio: ['ignore', out, out, 'ipc'],
    })
    if (typeof out === 'number') closeSync(out)
    this.#process.on('message', (reply: Reply) => this.#settle(reply))
    this.#process.on('exit', (code, signal) => this.#lose(new Error(`${file} ended (${signal ?? code}); see ${logFile ?? 'above'}`)))
  }

  /** Puts a question that the child answers by `onAsk`. */
  ask<R>(name: string, argument?: unknown): Promise<R> {
    if (!this.#process.connected) return Promise.reject(new Error(`${this.#name} has ended`))
    const call: ControlCall = { id: this.#asked++, name, argument }
    return new Promise<R>((resolve, reject) => {
      this.#waiting.set(call.id, { resolve: (result) => resolve(result as R), reject }) // the child's onAsk says what it is
      this.#process.send(call)
    })
  }

  usage(): Promise<Usage> {
    return this.ask('usage')
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null
  }

  /** Waits until it answers on the port. Throws with the end of its log where it does not. */
  async firstAnswer(port: number, path: string): Promise<void> {
    try {
      await firstAnswer(port, path, () => this.hasEnded)
    } catch (error) {
      const said = this.#logFile === undefined ? '' : readFileSync(this.#logFile, 'utf8').trim().slice(-loggedCharacters)
      throw new Error(`${this.#name} did not start (${error instanceof Error ? error.message : String(error)})\n${said}`, { cause: error })
    }
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGTERM')
    await ended
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if ('failure' in reply) waiting?.reject(new Error(`${this.#name}: ${reply.failure}`))
    else waiting?.resolve(reply.result)
  }

  #lose(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

/** The environment less the settings of the program: a benchmark has its own. */
export function withoutSettings(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SELFGRAPH_')))
}
