/** People and emails with values that compare, fold or sort in ways that an engine might get wrong. */

import fc from 'fast-check'
import { emailToPut } from '../../src/graph/profile-email-item.ts'
import { userToPut } from '../../src/graph/users/user-item.ts'
import type { User } from '../../src/model/directory.ts'
import type { ItemEmail } from '../../src/model/profile.ts'
import type { UserToPut } from '../../src/store/tables/people.ts'
import type { EmailToPut } from '../../src/store/tables/profile-emails.ts'

/** Texts that are stored, and that filters ask for. */
export const nastyTexts: readonly string[] = [
  ...['', ' ', 'a', 'A', 'ab', 'AB', 'aB c', 'abc', 'z', 'Z', '0', '00', '1', '10', '9', '-1', 'null', 'true', '2020-01-01', 'me', 'work'],
  ...[
    'straße',
    'STRASSE',
    'STRAẞE',
    'ß',
    'ss',
    'S',
    'ſ',
    'İstanbul',
    'i̇stanbul',
    'ISTANBUL',
    'ısı',
    'ΟΔΟΣ',
    'οδος',
    'οδοσ',
    'Σ',
    'σ',
    'ς',
    'ΑΣΑ',
  ],
  ...[
    'é',
    'e\u0301',
    'É',
    'E\u0301x',
    '\u0301',
    'Å',
    '\u212b',
    'ﬁn',
    'FIN',
    'ΐ',
    'ᾳ',
    'ᾼ',
    '\u0345',
    '\u1100\u1161',
    '가',
    '\u0958',
    'ǰ',
    'ŉ',
  ],
  ...[
    '😀',
    '😀a',
    'a😀',
    '\u{10400}',
    '\u{10428}',
    '中文',
    '中',
    '文中',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '\u{10000}',
    '\u{10ffff}',
    'a\u{10ffff}',
  ],
  ...[
    "O'Brien",
    "'",
    "''",
    '"q"',
    '100%',
    '%',
    '_',
    'a_b',
    'a%',
    '\\',
    'a\\b',
    '\\u0041',
    '$',
    '{',
    '[a]',
    '.*',
    '?',
    '#',
    '&',
    '+',
    'a+b',
  ],
  ...[
    ' x ',
    '\u00a0x\u00a0',
    '\u3000x',
    'x\u3000',
    '\ufeffx',
    '\u2028x\u2029',
    '\tx\n',
    '\u1680\u2003x\u205f',
    '\u0085x',
    '\u200bx',
    'a b',
    'b\u00a0a',
  ],
]

const nasty = fc.constantFrom(...nastyTexts)
const text = fc.oneof(
  { weight: 4, arbitrary: nasty },
  { weight: 2, arbitrary: fc.tuple(nasty, nasty).map((parts) => parts.join('')) },
  // What could be taken for null.
  { weight: 1, arbitrary: fc.constantFrom('', 'null', 'nullable') },
  fc.string({ unit: 'binary', maxLength: 6 }).map((any) => any.toWellFormed().replaceAll('\u0000', '')),
)
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 4 })
const flag = fc.boolean()
const texts = fc.oneof(fc.constant([]), fc.array(text, { maxLength: 4 }))

const days = ['0001-01-01', '1970-01-01', '2019-12-31', '2020-02-29', '2020-03-01', '9999-12-31']
const clocks = ['00:00:00', '00:00:01', '11:59:59', '12:30:45', '23:59:59']
const fractions = ['', '.1', '.5', '.05', '.123', '.1230001', '.9999999', '.0000001', '.12345', '.000']
/** As they are stored: without zeros at the end of the fraction, apart from those that this server writes itself. */
const instant = fc
  .tuple(fc.constantFrom(...days), fc.constantFrom(...clocks), fc.constantFrom(...fractions))
  .map(([day, clock, fraction]) => `${day}T${clock}${fraction}Z`)

const id = fc.uuid()

const identity = fc
  .record({ issuer: orNull(nasty), issuerAssignedId: orNull(nasty), signInType: orNull(nasty) }, { requiredKeys: [] })
  .map((members) => members as NonNullable<User['identities']>[number]) // import lets them be absent

/** Members that are absent, null, or hold something. */
const userMembers = fc.record(
  {
    displayName: orNull(text),
    givenName: orNull(text),
    mail: orNull(text),
    aboutMe: orNull(text),
    city: orNull(nasty),
    accountEnabled: orNull(flag),
    onPremisesSyncEnabled: orNull(flag),
    createdDateTime: orNull(instant),
    birthday: orNull(instant),
    businessPhones: texts,
    otherMails: texts,
    interests: orNull(texts),
    skills: orNull(texts),
    identities: orNull(fc.array(identity, { maxLength: 3 })),
  },
  { requiredKeys: [] },
)

/** `count` people of a tenant, each with a principal name of its own. The same for the same seed. */
export function nastyUsers(tenantId: string, count: number, seed: number): readonly UserToPut[] {
  const names = [...nastyTexts]
  return fc.sample(fc.tuple(id, userMembers), { numRuns: count, seed }).map(([key, members], index) =>
    userToPut(tenantId, {
      ...members,
      id: index % 3 === 0 ? key.toUpperCase() : key,
      userPrincipalName: `${names[index % names.length]}${seed}_${index}@Contoso.com`,
    }),
  )
}

const author = orNull(fc.record({ displayName: orNull(text), id: orNull(nasty) }))
const authors = orNull(fc.record({ application: author, device: fc.constant(null), user: author }))
const number = fc.oneof(
  fc.constantFrom(0, 0.1, 0.2, 0.30000000000000004, 0.3, 0.5, 1, 5e-324, 1e-7),
  fc.double({ min: 0, max: 1, noNaN: true }),
)

const emailMembers: fc.Arbitrary<Omit<ItemEmail, 'id'>> = fc.record({
  allowedAudiences: fc.constantFrom(
    'me',
    'family',
    'contacts',
    'family,contacts',
    'organization',
    'groupMembers,organization',
    'family,contacts,everyone',
  ),
  inference: orNull(fc.record({ confidenceScore: orNull(number), userHasVerifiedAccuracy: orNull(flag) })),
  createdDateTime: instant,
  createdBy: authors,
  lastModifiedDateTime: instant,
  lastModifiedBy: authors,
  source: orNull(fc.record({ type: orNull(texts) })),
  address: text,
  displayName: orNull(text),
  type: fc.constantFrom('unknown', 'work', 'personal', 'main', 'other'),
})

/** Emails as they are put. The same for the same seed. */
export function nastyEmails(count: number, seed: number): readonly EmailToPut[] {
  return fc.sample(fc.tuple(id, emailMembers), { numRuns: count, seed }).map(([key, members]) => emailToPut({ ...members, id: key }))
}
