import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSeals, fingerprintOf } from '../../src/auth/sealing.ts'
import { StartError } from '../../src/errors.ts'
import { randomness } from '../../src/randomness.ts'

const [first, second] = ['the first secret from the outside'.padEnd(40, '1'), 'the second secret from the outside'.padEnd(40, '2')]
const seals = (...secrets: readonly [string, ...string[]]) => createSeals(secrets, randomness.randomOctets)
const text = '{"d":"private"}'
const name = 'signing key/1'

const refused = (open: () => unknown, pattern: RegExp) =>
  assert.throws(open, (error) => {
    assert.ok(error instanceof StartError)
    assert.match(error.message, pattern)
    assert.doesNotMatch(error.message, /private|first secret|second secret|\n/)
    return true
  })

describe('A sealed value', () => {
  it('opens under its name with the secret that sealed it, and never looks the same twice', () => {
    const by = seals(first)
    const sealed = by.seal(name, text)
    assert.deepEqual(by.open(name, sealed), { text, isStale: false })
    assert.notEqual(by.seal(name, text), sealed)
    assert.equal(fingerprintOf(sealed), by.fingerprint)
    assert.equal(Buffer.from(sealed).includes('private'), false)
    assert.deepEqual(by.open(name, by.seal(name, '')), { text: '', isStale: false })
  })

  it('opens with a previous secret, and says that it is to be sealed anew', () => {
    const sealed = seals(first).seal(name, text)
    assert.deepEqual(seals(second, first).open(name, sealed), { text, isStale: true })
  })

  it('does not open with another secret, and the refusal says which is missing and what to do', () => {
    const sealed = seals(first).seal(name, text)
    refused(() => seals(second).open(name, sealed), new RegExp(`${seals(first).fingerprint}.*SELFGRAPH_SECRETS.*keys reset`))
  })

  it('does not open under another name: nobody can put one in the place of another', () => {
    const by = seals(first)
    refused(() => by.open('signing key/2', by.seal(name, text)), /damaged, or was moved/)
  })

  it('does not open when anything of it was changed or cut off, nor under a fingerprint that is not its own', () => {
    const by = seals(first, second)
    const sealed = by.seal(name, text)
    for (let at = 0; at < sealed.length; at++) {
      const other = sealed[at] === 'A' ? 'B' : 'A'
      const changed = `${sealed.slice(0, at)}${other}${sealed.slice(at + 1)}`
      // The last character may hold bits that stand for nothing.
      if (at < sealed.length - 1) assert.throws(() => by.open(name, changed), StartError, `changed at ${at}`)
      assert.throws(() => by.open(name, sealed.slice(0, at)), StartError, `cut at ${at}`)
    }
    assert.throws(() => by.open(name, sealed.replace(by.fingerprint, seals(second).fingerprint)), StartError)
    for (const nothing of ['', 'sealed1...', `sealed1.${by.fingerprint}..`, text]) assert.throws(() => by.open(name, nothing), StartError)
  })
})
