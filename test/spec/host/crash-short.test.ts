/** A short look at what `npm run test:crash` does at length, and at its own eyes. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sqliteCrashTests } from '../../crash/crash-tests.ts'
import { type Email, Ledger } from '../../crash/ledger.ts'
import { type StoredEmail, tableFaults } from '../../crash/look.ts'

sqliteCrashTests({
  seed: Date.now() % 2 ** 31,
  kills: 3,
  powerLosses: 2,
  firstStarts: 1,
  // Who may not mount a small disk can limit the size of files instead.
  fullDisks: process.getuid?.() === 0 ? { 'a full disk': 1 } : { 'files that may not grow': 1 },
  outages: {},
  report: (context) => (line) => context.diagnostic(line),
})

const owner = 'kim'
const by = { user: { id: owner } }

function email(id: string, address = `${id}@crash.example`, at = '2026-01-01T00:00:00Z'): Email {
  return { id, address, allowedAudiences: 'me', createdBy: by, createdDateTime: at, lastModifiedBy: by, lastModifiedDateTime: at }
}

describe('The comparison after a crash', () => {
  /** What is found after the writes of `write`, where `there` is what Kim has. */
  function findings(write: (ledger: Ledger) => void, emails: readonly Email[], methods: readonly string[] = []) {
    const ledger = new Ledger([owner])
    write(ledger)
    const { lost, doubled, torn } = ledger.compare(new Map([[owner, { emails, methods }]]))
    return { lost: lost.length, doubled: doubled.length, torn: torn.length }
  }
  const added = (ledger: Ledger) => ledger.added(ledger.account(owner), email('a'))
  const nothing = { lost: 0, doubled: 0, torn: 0 }

  it('finds nothing where all is as it was acknowledged', () => {
    assert.deepEqual(findings(added, [email('a')]), nothing)
  })

  it('sees an email that is lost, a change that is lost, and a removal that is lost', () => {
    assert.deepEqual(findings(added, []), { ...nothing, lost: 1 })
    const changed = (ledger: Ledger) => {
      added(ledger)
      ledger.changed(ledger.account(owner), email('a', 'changed@crash.example'))
    }
    assert.deepEqual(findings(changed, [email('a')]), { ...nothing, lost: 1 })
    const removed = (ledger: Ledger) => {
      added(ledger)
      ledger.removed(ledger.account(owner), 'a')
    }
    assert.deepEqual(findings(removed, [email('a')]), { ...nothing, lost: 1 })
  })

  it('sees an email that is there twice', () => {
    assert.deepEqual(findings(added, [email('a'), email('b', 'a@crash.example')]), { ...nothing, doubled: 1 })
    const maybe = (ledger: Ledger) => ledger.doubt(ledger.account(owner), { added: { address: 'a@crash.example' } })
    assert.deepEqual(findings(maybe, [email('a'), email('b', 'a@crash.example')]), { ...nothing, doubled: 1 })
  })

  it('sees an email of which a part is another', () => {
    assert.deepEqual(findings(added, [{ ...email('a'), allowedAudiences: 'everyone' }]), { ...nothing, torn: 1 })
  })

  it('lets a write that was not answered be there or not, but not in part', () => {
    const changes = { address: 'changed@crash.example', allowedAudiences: 'everyone' }
    const maybe = (ledger: Ledger) => {
      added(ledger)
      ledger.doubt(ledger.account(owner), { id: 'a', changes })
    }
    const later = { lastModifiedDateTime: '2026-01-01T00:00:01Z' }
    assert.deepEqual(findings(maybe, [email('a')]), nothing)
    assert.deepEqual(findings(maybe, [{ ...email('a'), ...changes, ...later }]), nothing)
    assert.deepEqual(findings(maybe, [{ ...email('a'), address: changes.address, ...later }]), { ...nothing, torn: 1 })
    assert.deepEqual(findings(maybe, []), { ...nothing, lost: 1 })
  })

  it('sees an email method that is lost, another one, and two', () => {
    const set = (ledger: Ledger) => {
      ledger.methodSet(ledger.account(owner), 'first@crash.example')
      ledger.methodSet(ledger.account(owner), 'second@crash.example')
    }
    assert.deepEqual(findings(set, [], ['second@crash.example']), nothing)
    assert.deepEqual(findings(set, [], []), { ...nothing, lost: 1 })
    assert.deepEqual(findings(set, [], ['first@crash.example']), { ...nothing, lost: 1 })
    assert.deepEqual(findings(set, [], ['third@crash.example']), { ...nothing, torn: 1 })
    assert.deepEqual(findings(set, [], ['second@crash.example', 'first@crash.example']), { ...nothing, doubled: 1 })
  })

  it('sees a row of the table whose record, time or audience is not that of the email', () => {
    const held = new Map([[owner, { emails: [email('a')], methods: [] }]])
    const row: StoredEmail = {
      user_id: owner,
      id: 'a',
      created_at: '2026-01-01T00:00:00.0000000Z',
      audiences: 0,
      record: JSON.stringify(email('a')),
    }
    assert.deepEqual(tableFaults([row], held), [])
    for (const wrong of [
      { record: row.record.slice(0, -9) },
      { created_at: '2026-01-01T00:00:01.0000000Z' },
      { audiences: 8 },
      { id: 'b' },
    ])
      assert.equal(tableFaults([{ ...row, ...wrong }], held).length, 1)
    assert.equal(tableFaults([], held).length, 1)
  })
})
