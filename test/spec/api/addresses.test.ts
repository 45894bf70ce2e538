/** What counts as an email address: the same rules for the address that is shown and for the one that gets a person back in. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { assertRefused } from '../../support/refusal.ts'
import { startServer, token } from '../../support/server.ts'

/** A text of the given length in octets: an address with as long a domain as is needed. */
function addressOfOctets(octets: number, local = 'k'.repeat(63)): string {
  const label = `.${'d'.repeat(49)}`
  let address = `${local}@contoso`
  const left = () => octets - Buffer.byteLength(`${address}.com`)
  while (left() > 50) address += label
  return `${address}.${'e'.repeat(left() - 1)}.com`
}

const good = {
  'a plain one': 'kim@contoso.com',
  'one with capitals, kept as they are': 'Kim.Akers@Contoso.COM',
  'one with a tag': 'kim+work@contoso.com',
  'one with several dots in the domain': 'kim@mail.eu.contoso.co.uk',
  'one with an apostrophe': "o'brien@contoso.com",
  'an international one': 'пошта@приклад.укр',
  'one with a Chinese name and domain': '用户@例子.广告',
  'one with an accent': 'zoë@contoso.com',
  'one of 254 octets': addressOfOctets(254),
  'one with 64 octets before the @': `${'k'.repeat(64)}@contoso.com`,
  'one with a label of 63 octets': `kim@${'d'.repeat(63)}.com`,
  'one with a label of 63 octets in A-label form': `kim@${'ü'.repeat(57)}.de`,
}

const bad = {
  'one without @': 'kim.contoso.com',
  'one with two @': 'kim@lee@contoso.com',
  'one with a quoted @': '"kim@home"@contoso.com',
  'one without a name': '@contoso.com',
  'one without a domain': 'kim@',
  'one whose domain has no dot': 'kim@contoso',
  'one whose domain has an empty part': 'kim@contoso..com',
  'one whose domain begins with a dot': 'kim@.com',
  'one with a space': 'kim akers@contoso.com',
  'one with a line feed at its end': 'kim@contoso.com\n',
  'one with a tab within': 'kim\t@contoso.com',
  'one with a DEL': 'kim\u007f@contoso.com',
  'one with a NUL': 'kim\u0000@contoso.com',
  'one with half a surrogate pair': 'kim\ud800@contoso.com',
  'one with a display name': 'Kim <kim@contoso.com>',
  'one of 255 octets': addressOfOctets(255),
  'one of 254 characters and more octets': addressOfOctets(255, `${'k'.repeat(61)}é`),
  'one with 65 octets before the @': `${'k'.repeat(65)}@contoso.com`,
  'one with 65 octets and fewer characters before the @': `${'k'.repeat(63)}é@contoso.com`,
  'one with a label of 64 octets': `kim@${'d'.repeat(64)}.com`,
  'one with a label of 64 octets in A-label form': `kim@${'ü'.repeat(58)}.de`,
  'one that would take long to normalize': `a${'\u0301\u0323'.repeat(50_000)}@x.zz`,
  'an empty one': '',
  'a number': 5,
  true: true,
  null: null,
  'an object': { address: 'kim@contoso.com' },
  'a list': ['kim@contoso.com'],
}

describe('An email address', async () => {
  const server = await startServer()
  const kim = await token(server, 'kim', { scope: 'User.ReadWrite UserAuthenticationMethod.ReadWrite', mfa: true })
  const shown = (address: unknown) => ask(server, 'POST /beta/me/profile/emails', { token: kim, body: { address } })
  const method = (emailAddress: unknown) => ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: kim, body: { emailAddress } })
  const forget = () => ask(server, 'DELETE /v1.0/me/authentication/emailMethods/3ddfcfc8-9383-446f-83cc-3ab9be4be18f', { token: kim })

  for (const [name, address] of Object.entries(good)) {
    it(`may be ${name}`, async () => {
      const email = await shown(address)
      assert.equal(email.status, 201, email.text)
      assert.equal(email.json.address, address)
      const set = await method(address)
      assert.equal(set.status, 201, set.text)
      assert.equal(set.json.emailAddress, address)
      await forget()
    })
  }

  for (const [name, address] of Object.entries(bad)) {
    it(`may not be ${name}: 400 badRequest that names the member`, async () => {
      assertRefused(await shown(address), 400, 'badRequest', 'address')
      assertRefused(await method(address), 400, 'badRequest', 'emailAddress')
    })
  }

  it('is required: without it 400 badRequest that names the member', async () => {
    assertRefused(await ask(server, 'POST /beta/me/profile/emails', { token: kim, body: {} }), 400, 'badRequest', 'address')
    assertRefused(
      await ask(server, 'POST /v1.0/me/authentication/emailMethods', { token: kim, body: {} }),
      400,
      'badRequest',
      'emailAddress',
    )
  })

  it('is stored in NFC, otherwise as typed', async () => {
    const typed = 'Zoe\u0308@Contoso.com'
    assert.equal((await shown(typed)).json.address, 'Zo\u00eb@Contoso.com')
    assert.equal((await method(typed)).json.emailAddress, 'Zo\u00eb@Contoso.com')
    const { json } = await ask(server, 'GET /v1.0/me/authentication/emailMethods', { token: kim })
    assert.equal(json.value[0].emailAddress, 'Zo\u00eb@Contoso.com')
  })

  it('follows the same rules when it is changed', async () => {
    const { json } = await shown('kim@contoso.com')
    const changed = await ask(server, `PATCH /beta/me/profile/emails/${json.id}`, { token: kim, body: { address: 'nowhere' } })
    assertRefused(changed, 400, 'badRequest', 'address')
    const item = '/v1.0/me/authentication/emailMethods/3ddfcfc8-9383-446f-83cc-3ab9be4be18f'
    for (const verb of ['PATCH', 'PUT'])
      for (const body of [{ emailAddress: 'nowhere' }, {}])
        assertRefused(await ask(server, `${verb} ${item}`, { token: kim, body }), 400, 'badRequest', 'emailAddress')
  })
})
