/**
 * What the server answered for: every write that was acknowledged, and those in doubt because no answer came.
 * Compared with what is there, it tells what was lost, doubled or torn; then it takes what is there as the truth.
 */

import { isDeepStrictEqual } from 'node:util'
import { untagged } from '../support/untagged.ts'

/** An email as the list shows it. */
export type Email = Readonly<Record<string, unknown>> & { readonly id: string; readonly address: string }
export type Changes = Readonly<Record<string, unknown>>

/** What a person has, as the API shows it. */
export interface Held {
  readonly emails: readonly Email[]
  readonly methods: readonly string[]
}

export interface Findings {
  /** An acknowledged write that is not there. */
  readonly lost: string[]
  /** Something that is there twice, or that nobody wrote. */
  readonly doubled: string[]
  /** Something that is there in part, or otherwise than it was written. */
  readonly torn: string[]
}

export const noFindings = (): Findings => ({ lost: [], doubled: [], torn: [] })

interface Kept {
  readonly email: Email
  /** What it has been, as acknowledged, oldest first. */
  readonly before: readonly Email[]
  /** A write of which nobody knows whether it happened. */
  readonly doubt?: 'removed' | { readonly changes: Changes }
}

interface Method {
  readonly address: string | undefined
  readonly before: readonly (string | undefined)[]
  /** `to` undefined: it may have been removed. */
  readonly doubt?: { readonly to: string | undefined }
}

export interface Account {
  readonly id: string
  readonly emails: Map<string, Kept>
  /** Emails that may have been added, by address: each address is used once. */
  readonly maybe: Map<string, Changes>
  readonly removed: Set<string>
  method: Method
}

export class Ledger {
  readonly accounts: ReadonlyMap<string, Account>
  acknowledged = 0
  inDoubt = 0

  constructor(ids: readonly string[]) {
    this.accounts = new Map(
      ids.map((id) => [id, { id, emails: new Map(), maybe: new Map(), removed: new Set(), method: { address: undefined, before: [] } }]),
    )
  }

  account(id: string): Account {
    const account = this.accounts.get(id)
    if (account === undefined) throw new Error(`nobody has the id ${id}`)
    return account
  }

  added({ emails }: Account, email: Email): void {
    emails.set(email.id, { email: untagged(email), before: [] })
    this.acknowledged++
  }

  changed({ emails }: Account, email: Email): void {
    const kept = emails.get(email.id)
    emails.set(email.id, { email: untagged(email), before: kept === undefined ? [] : [...kept.before, kept.email] })
    this.acknowledged++
  }

  removed({ emails, removed }: Account, id: string): void {
    emails.delete(id)
    removed.add(id)
    this.acknowledged++
  }

  methodSet(account: Account, address: string | undefined): void {
    account.method = { address, before: [...account.method.before, account.method.address] }
    this.acknowledged++
  }

  doubt(account: Account, write: Doubt): void {
    this.inDoubt++
    if ('added' in write) account.maybe.set(String(write.added.address), write.added)
    else if ('method' in write) account.method = { ...account.method, doubt: { to: write.method } }
    else {
      const kept = account.emails.get(write.id)
      if (kept !== undefined)
        account.emails.set(write.id, { ...kept, doubt: write.changes === undefined ? 'removed' : { changes: write.changes } })
    }
  }

  /** Whether anything was taken as the truth yet. */
  hasBegun = false

  /** Compares with what everybody holds, and goes on from that. */
  compare(held: ReadonlyMap<string, Held>): Findings {
    const findings = noFindings()
    for (const account of this.accounts.values()) {
      const { emails, methods } = held.get(account.id) ?? nothing
      compareKept(account, new Map(emails.map((email) => [email.id, email])), findings)
      compareFound(account, emails, findings)
      compareMethod(account, methods, findings)
    }
    this.adopt(held)
    return findings
  }

  /** Takes what everybody holds as the truth. */
  adopt(held: ReadonlyMap<string, Held>): void {
    this.hasBegun = true
    for (const account of this.accounts.values()) {
      const { emails, methods } = held.get(account.id) ?? nothing
      account.emails.clear()
      account.maybe.clear()
      for (const email of emails) account.emails.set(email.id, { email, before: [] })
      account.method = { address: methods[0], before: [] }
    }
  }
}

const nothing: Held = { emails: [], methods: [] }

export type Doubt =
  | { readonly added: Changes }
  | { readonly id: string; readonly changes: Changes | undefined }
  | { readonly method: string | undefined }

function compareKept({ emails }: Account, found: ReadonlyMap<string, Email>, { lost, torn }: Findings): void {
  for (const [id, { email, before, doubt }] of emails) {
    const there = found.get(id)
    if (there === undefined) {
      if (doubt !== 'removed') lost.push(`email ${id} (${email.address}) is gone`)
    } else if (!isDeepStrictEqual(there, email) && !(typeof doubt === 'object' && isChanged(there, email, doubt.changes))) {
      const earlier = before.some((version) => isDeepStrictEqual(version, there))
      if (earlier) lost.push(`a change of email ${id} (${email.address}) is gone`)
      else torn.push(`email ${id} is ${JSON.stringify(there)} in place of ${JSON.stringify(email)}`)
    }
  }
}

function compareFound({ id: owner, emails, maybe, removed }: Account, found: readonly Email[], { lost, doubled, torn }: Findings): void {
  const ids = new Set<string>()
  for (const email of found) {
    const { id, address } = email
    const written = maybe.get(address)
    if (ids.has(id)) doubled.push(`email ${id} (${address}) is listed twice`)
    else if (removed.has(id)) lost.push(`email ${id} (${address}) was removed, and is there again`)
    else if (!emails.has(id) && written === undefined) doubled.push(`email ${id} (${address}) is there, and nobody added it`)
    else if (!emails.has(id) && written !== undefined) {
      maybe.delete(address) // so that a second one with this address is seen as one too many
      if (!isAsWritten(email, written, owner)) torn.push(`email ${id} is ${JSON.stringify(email)}, added as ${JSON.stringify(written)}`)
    }
    ids.add(id)
  }
}

function compareMethod(
  { id, method: { address, before, doubt } }: Account,
  found: readonly string[],
  { lost, doubled, torn }: Findings,
): void {
  const [there] = found
  if (found.length > 1) doubled.push(`${id} has ${found.length} email methods`)
  else if (there === address || (doubt !== undefined && there === doubt.to)) return
  else if (there === undefined || before.includes(there)) lost.push(`the email method of ${id} is ${there} in place of ${address}`)
  else torn.push(`the email method of ${id} is ${there} in place of ${address}`)
}

/** Whether `there` is `email` with all of the changes, and no other. */
function isChanged(there: Email, email: Email, changes: Changes): boolean {
  const { lastModifiedDateTime: at, ...rest } = there
  const { lastModifiedDateTime: before, ...expected } = { ...email, ...changes }
  return isDeepStrictEqual(rest, expected) && String(at) >= String(before)
}

/** Whether a new email is wholly what was sent, with what the server adds. */
export function isAsWritten(email: Email, written: Changes, owner: string): boolean {
  const { createdBy, createdDateTime, lastModifiedBy, lastModifiedDateTime } = email
  const by = (createdBy as { user?: { id?: string } } | undefined)?.user?.id // whatever it is, it must be the owner
  return (
    Object.entries(written).every(([member, value]) => isDeepStrictEqual(email[member], value)) &&
    by === owner &&
    isDeepStrictEqual(createdBy, lastModifiedBy) &&
    createdDateTime === lastModifiedDateTime
  )
}
