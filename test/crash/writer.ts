/** One of a person's connections, and what is written over it: one write at a time, chosen by chance. */

import type { Answer, Asked, Lane } from './lane.ts'
import { type Account, type Changes, type Doubt, type Email, isAsWritten, type Ledger } from './ledger.ts'
import type { Trouble, Troubles } from './load.ts'
import type { Person } from './people.ts'
import type { Random } from './random.ts'

interface WriterOptions {
  readonly lane: Lane
  readonly person: Person
  readonly account: Account
  readonly ledger: Ledger
  readonly random: Random
  readonly troubles: Troubles
  readonly expects: Trouble
  /** Ids of the emails that this connection alone changes. */
  readonly mine: string[]
  /** Makes the addresses of this connection its own. */
  readonly name: string
  /** Whether this connection is the one that sets the email method. */
  readonly method: boolean
}

/** `cut`: no answer came. `trouble`: the server could not do it just now. */
type Outcome = 'done' | 'trouble' | 'cut'

const emailsPath = '/beta/me/profile/emails'
const methodsPath = '/v1.0/me/authentication/emailMethods'
const methodPath = `${methodsPath}/3ddfcfc8-9383-446f-83cc-3ab9be4be18f`
const audiences = [
  'me',
  'family',
  'contacts',
  'groupMembers',
  'organization',
  'federatedOrganizations',
  'everyone',
  'family,contacts',
  'groupMembers,everyone',
]
const types = ['unknown', 'work', 'personal', 'main', 'other']
const oftenHeld = 12

export class Writer {
  readonly #given: WriterOptions
  #count = 0

  constructor(options: WriterOptions) {
    this.#given = options
  }

  /** Writes one thing. */
  step(): Promise<Outcome> {
    const { random, mine, person, method } = this.#given
    const chance = random.next()
    if (method && chance < 0.15) return this.#setMethod()
    const id = mine.length === 0 ? undefined : random.pick(mine)
    if (id === undefined || person.hoards) return this.#add()
    if (chance < (mine.length < oftenHeld ? 0.55 : 0.3)) return this.#add()
    return chance < 0.75 ? this.#change(id) : this.#remove(id)
  }

  async #add(): Promise<Outcome> {
    const { account, ledger, mine, troubles, random } = this.#given
    const written = this.#email()
    const answer = await this.#ask({ method: 'POST', path: emailsPath, body: written }, { added: written })
    if (typeof answer === 'string') return answer
    if (answer.status === 507 && answer.text.includes('"quotaLimitReached"')) {
      // Refused, so it must not be there: nothing is noted down.
      return mine.length === 0 ? 'done' : this.#remove(random.pick(mine))
    }
    if (answer.status !== 201) return this.#wonder('an added email', answer)
    const email = emailIn(answer)
    if (!isAsWritten(email, written, account.id)) troubles.unexpected.push(`added ${JSON.stringify(written)}, answered ${answer.text}`)
    ledger.added(account, email)
    mine.push(email.id)
    return 'done'
  }

  async #change(id: string): Promise<Outcome> {
    const { account, ledger } = this.#given
    const changes = this.#email()
    const answer = await this.#ask({ method: 'PATCH', path: `${emailsPath}/${id}`, body: changes }, { id, changes })
    if (typeof answer === 'string') return answer
    if (answer.status !== 200) return this.#wonder(`a change of email ${id}`, answer)
    ledger.changed(account, emailIn(answer))
    return 'done'
  }

  async #remove(id: string): Promise<Outcome> {
    const { account, ledger } = this.#given
    const answer = await this.#ask({ method: 'DELETE', path: `${emailsPath}/${id}` }, { id, changes: undefined })
    if (typeof answer === 'string') return answer
    if (answer.status !== 204) return this.#wonder(`a removal of email ${id}`, answer)
    ledger.removed(account, id)
    this.#leave(id)
    return 'done'
  }

  async #setMethod(): Promise<Outcome> {
    const { account, ledger, random } = this.#given
    const { address, doubt } = account.method
    if (doubt !== undefined) return 'done'
    const next = address !== undefined && random.next() < 0.4 ? undefined : this.#address()
    const [method, path, status] =
      next === undefined
        ? (['DELETE', methodPath, 204] as const)
        : address === undefined
          ? (['POST', methodsPath, 201] as const)
          : (['PATCH', methodPath, 204] as const)
    const body = next === undefined ? {} : { body: { emailAddress: next } }
    const answer = await this.#ask({ method, path, ...body }, { method: next })
    if (typeof answer === 'string') return answer
    if (answer.status !== status) return this.#wonder(`${method} of the email method`, answer)
    ledger.methodSet(account, next)
    return 'done'
  }

  /** The answer, where the server did what was asked or refused it. */
  async #ask(asked: Asked, doubt: Doubt): Promise<Answer | Outcome> {
    const { lane, person, account, ledger, troubles, expects } = this.#given
    const answer = await lane.send({ ...asked, token: person.token })
    if (answer !== undefined) troubles.slowestMilliseconds = Math.max(troubles.slowestMilliseconds, answer.milliseconds)
    const full = answer?.status === 507 && answer.text.includes('"insufficientStorage"')
    if (answer !== undefined && answer.status !== 503 && !full) return answer
    // A full disk is refused for certain; without an answer, or with 503, it may have happened and may not.
    if (!full) ledger.doubt(account, doubt)
    if ('id' in doubt && !full) this.#leave(doubt.id)
    if (answer === undefined) {
      troubles.cut++
      return 'cut'
    }
    troubles.refused++
    const inOrder = expects === 'full' || (expects === 'unavailable' && !full)
    if (!inOrder || (answer.status === 503 && !(Number(answer.retryAfter) > 0))) this.#wonder(`${asked.method} ${asked.path}`, answer)
    return 'trouble'
  }

  #wonder(what: string, { status, text, retryAfter }: Answer): Outcome {
    this.#given.troubles.unexpected.push(`${what} was answered with ${status} (Retry-After: ${retryAfter ?? 'none'}): ${text}`)
    return 'trouble'
  }

  #leave(id: string): void {
    const { mine } = this.#given
    const position = mine.indexOf(id)
    if (position >= 0) mine.splice(position, 1)
  }

  /** Every member depends on the count, so that half of one write and half of another are seen. */
  #email(): Changes {
    const { random } = this.#given
    const address = this.#address()
    return {
      address,
      displayName: `Written as ${address}`,
      type: random.pick(types),
      allowedAudiences: random.pick(audiences),
      inference: { confidenceScore: this.#count / 1_000_000, userHasVerifiedAccuracy: random.next() < 0.5 },
    }
  }

  #address(): string {
    return `w${++this.#count}-${this.#given.name}@crash.example`
  }
}

function emailIn({ text }: Answer): Email {
  const { '@odata.context': _, '@odata.type': __, ...email } = JSON.parse(text) as Record<string, unknown>
  return email as Email // the server's own words; compared as a whole
}
