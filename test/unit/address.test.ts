/** What counts as an email address, in many cases, and when two are the same. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { domainToASCII } from 'node:url'
import fc from 'fast-check'
import { addressFault, fold, foldCharacter } from '../../src/model/address.ts'
import { normalForm } from '../../src/model/text.ts'

const octets = (text: string) => Buffer.byteLength(text)
const label = (length: number) => 'd'.repeat(length)
const domainOf = (length: number) => `${label(63)}.${label(63)}.${label(length - 2 * 64 - 4)}.com`

const good = [
  'kim@contoso.com',
  'KIM@CONTOSO.COM',
  'k@c.de',
  'kim.akers@mail.eu.contoso.co.uk',
  'kim+tag@contoso.com',
  "o'neil@contoso.com",
  'kim_akers-1@contoso.com',
  '1@1.de',
  '-@contoso.com',
  '!#$%&*+-/=?^_`{|}~@contoso.com',
  'kim%fabrikam.com@contoso.com',
  '"kim"@contoso.com',
  '"kim akers"@contoso.com',
  'kim@a-b.com',
  'kim@1.com',
  'kim@contoso.museum',
  'kim@xn--mnchen-3ya.de',
  'kim@contoso.xn--p1ai',
  'jörg@münchen.de',
  'δοκιμή@παράδειγμα.δοκιμή',
  'почта@пример.рф',
  '用户@例え.テスト',
  'अजय@डाटा.भारत',
  'משתמש@דוגמה.קום',
  'مثال@مثال.السعودية',
  'می\u200cخواهم@example.com',
  '\u{20bb7}野@example.jp',
  '\u{1f600}@example.com',
  'kim@\u{1f600}.com',
  `${'k'.repeat(64)}@contoso.com`,
  `kim@${label(63)}.com`,
  `${'k'.repeat(64)}@${domainOf(189)}`,
]

const bad: Readonly<Record<string, RegExp>> = {
  '': /one @/,
  ' ': /one @/,
  kim: /one @/,
  'contoso.com': /one @/,
  'a@b@contoso.com': /one @/,
  '"a@b"@contoso.com': /one @/,
  'kim\uff20contoso.com': /one @/,
  'kim@contoso.com,lee@contoso.com': /one @/,
  '@': /dot/,
  'kim@': /dot/,
  'kim@contoso': /dot/,
  'kim@localhost': /dot/,
  'kim@[IPv6:::1]': /dot/,
  'kim@contoso\u3002com': /dot/,
  '@contoso.com': /such as/,
  'kim@.com': /such as/,
  'kim@contoso.': /such as/,
  'kim@contoso.com.': /such as/,
  'kim@contoso..com': /such as/,
  '.kim@contoso.com': /such as/,
  'kim.@contoso.com': /such as/,
  'kim..akers@contoso.com': /such as/,
  'kim akers@contoso.com': /such as/,
  ' kim@contoso.com': /such as/,
  'kim@contoso.com ': /such as/,
  'kim@con toso.com': /such as/,
  'kim@con_toso.com': /such as/,
  'kim@-contoso.com': /such as/,
  'kim@contoso-.com': /such as/,
  'kim@contoso.c': /such as/,
  'kim@contoso.123': /such as/,
  'kim@127.0.0.1': /such as/,
  'kim@[127.0.0.1]': /such as/,
  'kim@contoso.com:25': /such as/,
  'kim@contoso.com/x': /such as/,
  'kim@contoso.com?subject=x': /such as/,
  'kim@*.contoso.com': /such as/,
  'kim@\uff43ontoso.com': /such as/,
  'kim(comment)@contoso.com': /such as/,
  'kim@(comment)contoso.com': /such as/,
  'Kim <kim@contoso.com>': /such as/,
  '<kim@contoso.com>': /such as/,
  'mailto:kim@contoso.com': /such as/,
  'kim;lee@contoso.com': /such as/,
  'kim\\akers@contoso.com': /such as/,
  '"kim@contoso.com': /such as/,
  'ki"m@contoso.com': /such as/,
  '"a"b"@contoso.com': /such as/,
  'kim@contoso.com\n': /control/,
  'kim\r\nBcc: lee@contoso.com': /control/,
  'kim\t@contoso.com': /control/,
  '\u0000kim@contoso.com': /control/,
  'kim\u007f@contoso.com': /control/,
  'kim\u0085@contoso.com': /control/,
  '"kim\u0001"@contoso.com': /control/,
  'ki\u00adm@contoso.com': /invisible/,
  'kim\u00a0akers@contoso.com': /invisible/,
  'kim\u3000akers@contoso.com': /invisible/,
  'kim\u200b@contoso.com': /invisible/,
  'kim@contoso.com\u200b': /invisible/,
  'kim\u2028@contoso.com': /invisible/,
  'kim\u202e@contoso.com': /invisible/,
  'kim\u2066@contoso.com': /invisible/,
  'kim\ufeff@contoso.com': /invisible/,
  'kim\u{e0041}@contoso.com': /invisible/,
  'ki\ud800m@contoso.com': /such as/,
  'kim\udc00@contoso.com': /such as/,
}

describe('An email address', () => {
  for (const address of good) it(`may be ${address.slice(0, 60)}`, () => assert.equal(addressFault(address), undefined))

  for (const [text, why] of Object.entries(bad)) it(`may not be ${JSON.stringify(text)}`, () => assert.match(addressFault(text) ?? '', why))

  it('has at most 254 octets, whatever characters they make', () => {
    const longest = `${'k'.repeat(64)}@${domainOf(189)}`
    assert.equal(octets(longest), 254)
    assert.equal(addressFault(longest), undefined)
    assert.match(addressFault(`k${longest}`) ?? '', /254 octets/)
    const international = `${'é'.repeat(32)}@${domainOf(189)}`
    assert.equal(octets(international), 254)
    assert.equal(addressFault(international), undefined)
    assert.match(addressFault(`é${international.slice(0, -1)}`) ?? '', /254 octets/)
    assert.match(addressFault(`kim@${'x'.repeat(1_000_000)}.com`) ?? '', /254 octets/)
  })

  it('has at most 64 octets before the @, the quotation marks of a quoted one included', () => {
    for (const local of [
      'k'.repeat(64),
      'é'.repeat(32),
      '\u{20bb7}'.repeat(16),
      `"${'k'.repeat(62)}"`,
      `${'k'.repeat(31)}.${'k'.repeat(32)}`,
    ]) {
      assert.equal(octets(local), 64)
      assert.equal(addressFault(`${local}@contoso.com`), undefined, local)
      assert.match(
        addressFault(`${local.startsWith('"') ? `"k${local.slice(1)}` : `k${local}`}@contoso.com`) ?? '',
        /64 octets before the @/,
      )
    }
    assert.match(addressFault(`${'é'.repeat(33)}@contoso.com`) ?? '', /64 octets before the @/)
  })

  it('has at most 63 octets in a label of its domain, counted in A-label form for an international one', () => {
    for (const domain of ['x.com', 'contoso.x']) {
      const at = (part: string) => addressFault(`kim@${domain.replace('x', part)}`)
      assert.equal(at(label(63)), undefined)
      assert.match(at(label(64)) ?? '', /63 octets in A-label form/)
    }
    // Each further letter that is the same takes one octet in A-label form, and two as it is written.
    assert.equal(octets(domainToASCII('ü'.repeat(57))), 63)
    assert.equal(addressFault(`kim@${'ü'.repeat(57)}.de`), undefined)
    assert.match(addressFault(`kim@${'ü'.repeat(58)}.de`) ?? '', /63 octets in A-label form/)
    // Letters far apart take more than they do as written.
    const apart = 'ҥӂңћѫӣžӱӫӧҩѥӯүџқҙøđҳӳғšӹßҗѯөѳҿә'
    assert.ok(octets(apart) === 62 && octets(domainToASCII(apart)) > 63)
    assert.match(addressFault(`kim@${apart}.de`) ?? '', /63 octets in A-label form/)
  })

  it('has at most 254 octets with its domain in A-label form too, as it is sent to a server that knows no other', () => {
    // `é` is `xn--9ca`: three octets with its dot as it is written, eight in A-label form.
    const [fits, exceeds] = [50, 51].map((left) => `${'k'.repeat(64)}@${'é.'.repeat(17)}${label(left)}.de`) as [string, string] // two
    const sent = (address: string) => octets(address.slice(0, 65) + domainToASCII(address.slice(65)))
    assert.deepEqual([sent(fits), sent(exceeds), octets(exceeds)], [254, 255, 170])
    assert.equal(addressFault(fits), undefined)
    assert.match(addressFault(exceeds) ?? '', /longer in A-label form than the 189 octets/)
  })

  it('is measured before it is normalized, and once more after', () => {
    const decomposed = `${'e\u0301'.repeat(21)}k@contoso.com`
    assert.equal(octets(decomposed), 76)
    assert.equal(addressFault(decomposed), undefined, 'what is limited is the NFC, of 43 octets before the @')
    const marks = `a${'\u0301\u0323'.repeat(100_000)}@x.zz`
    assert.match(addressFault(marks) ?? '', /254 octets/)
    // Three octets that NFC makes six of: U+0958 is excluded from composition.
    const growing = `kim@${'\u0958'.repeat(15)}.${'\u0958'.repeat(15)}.${'\u0958'.repeat(15)}.भारत`
    assert.ok(octets(growing) < 254 && octets(growing.normalize('NFC')) > 254)
    assert.match(addressFault(growing) ?? '', /254 octets/)
  })

  it('is judged in no time, however it is made', () => {
    for (const text of [
      'a.'.repeat(120),
      'a@'.repeat(120),
      `${'"'.repeat(120)}@a.com`,
      `a@${'a-'.repeat(100)}`,
      `a@${'a.'.repeat(100)}`,
      `"${'\\"'.repeat(100)}@a.com`,
    ]) {
      const started = process.hrtime.bigint()
      for (let n = 0; n < 100; n++) addressFault(text)
      assert.ok(process.hrtime.bigint() - started < 1_000_000_000n, text)
    }
  })

  it('that the tools of others make is good', () => {
    fc.assert(fc.property(fc.emailAddress({ size: 'small' }), (address) => addressFault(address) === undefined || octets(address) > 254))
  })

  it('never breaks the judge, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => ['string', 'undefined'].includes(typeof addressFault(text))))
  })
})

describe('Two addresses or names', () => {
  for (const [one, other] of [
    ['Kim@Contoso.com', 'kim@contoso.COM'],
    ['JÖRG@MÜNCHEN.DE', 'jörg@münchen.de'],
    ['Zoe\u0308@contoso.com', 'zo\u00eb@CONTOSO.com'],
    ['STRASSE@contoso.com', 'straße@contoso.com'],
    ['\u1e9e', 'ß'],
    ['ΟΔΥΣΣΕΥΣ', 'οδυσσευς'],
    ['\u017f', 'S'],
    ['\u212aim', 'kim'],
    ['\u2126', 'ω'],
    ['ŉ', '\u02bcn'],
  ] as const) {
    it(`are the same as ${one} and ${other} are`, () => assert.equal(fold(one), fold(other)))
  }

  for (const [one, other] of [
    ['kim@contoso.com', 'kin@contoso.com'],
    ['kim@contoso.com', 'kim@contoso.com '],
    ['kim+tag@contoso.com', 'kim@contoso.com'],
    ['k.im@contoso.com', 'kim@contoso.com'],
    ['zoe@contoso.com', 'zoë@contoso.com'],
    ['і@contoso.com', 'i@contoso.com'],
    ['ı@contoso.com', 'l@contoso.com'],
    ['\uff4bim', 'kim'],
  ] as const) {
    it(`are different as ${one} and ${other} are`, () => assert.notEqual(fold(one), fold(other)))
  }

  it('has a sigma that is one letter wherever it stands, so that what begins a text begins it folded too', () => {
    assert.equal(fold('ΝΙΚΟΣ'), fold('νικοσ'))
    assert.ok(fold('ΝΙΚΟΣΙΑ').startsWith(fold('ΝΙΚΟΣ')))
  })

  it('are folded as their characters are, each by itself', () => {
    const alone = (text: string) => normalForm(Array.from(normalForm(text), foldCharacter).join(''))
    for (let point = 1; point < 0x110000; point++) {
      const letter = String.fromCodePoint(point)
      if (!letter.isWellFormed()) continue
      for (const text of [letter, `Σ${letter}Σ`]) if (fold(text) !== alone(text)) assert.fail(`U+${point.toString(16)}`)
    }
    const words = fc.array(fc.constantFrom(...'aIıiİςΣσßẞſΐ\u0301\u0307\u0345ǅ😀𐐀'), { maxLength: 8 }).map((letters) => letters.join(''))
    fc.assert(fc.property(words, (text) => assert.equal(fold(text), alone(text))))
  })

  it('folded once are folded for good, whatever the letter', () => {
    for (let point = 0; point <= 0x10ffff; point++) {
      const letter = String.fromCodePoint(point)
      const folded = fold(letter)
      if (folded !== letter) assert.equal(fold(folded), folded, `U+${point.toString(16)}`)
    }
  })

  it('are the same letters, one by one, to Unicode and here', () => {
    for (let point = 0x80; point <= 0x1ffff; point++) {
      const letter = String.fromCodePoint(point)
      for (const other of [letter.toLowerCase(), letter.toUpperCase()])
        if (other !== letter && Array.from(other).length === 1)
          assert.equal(fold(other) === fold(letter), new RegExp(`^${other}$`, 'iu').test(letter), `${letter} and ${other}`)
    }
  })

  it('are the same in capitals, in small letters and in any normal form', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aZéÉßẞσςΣſİiIjǰΐüÜøØåÅ\u0307\u0308\u030a') }), (text) => {
        assert.equal(fold(text.normalize('NFD')), fold(text.normalize('NFC')))
        assert.equal(fold(text.toUpperCase()), fold(text))
        assert.equal(fold(text.toLowerCase()), fold(text))
      }),
    )
  })
})
