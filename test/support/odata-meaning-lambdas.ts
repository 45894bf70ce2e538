/** Lambdas, literals and paths: see odata-meaning.ts. */

import type { Outcome, Row } from './odata-meaning.ts'

const oneIssuerNull = {
  identities: [
    { issuer: 'contoso', issuerAssignedId: 'k' },
    { issuer: null, issuerAssignedId: 'l' },
  ],
}
const nested = { identities: [{ signInType: 'contoso' }, { signInType: null }], businessPhones: ['1', '2'] }
const issuers = { identities: [{ issuer: 'contoso' }, { issuer: 'consoles' }] }
const mails = { otherMails: ['a@x', 'ab@x'], businessPhones: ['1'] }
const none = { otherMails: [], identities: [], interests: null }
const author = { createdBy: { application: null, device: null, user: { id: 'K1', displayName: 'Kim' } }, inference: null }

// biome-ignore format: a table
const ofUsers: readonly (readonly [expression: string, data: Row['data'], outcome: Outcome, section: string])[] = [
  // any: true where it is true of one
  ["identities/any(i:startswith(i/issuer,'con'))", oneIssuerNull, true, '5.1.1.13.1'],
  ["identities/any(i:startswith(i/issuer,'x'))", oneIssuerNull, false, '5.1.1.13.1'],
  ["not identities/any(i:startswith(i/issuer,'x'))", oneIssuerNull, true, '5.1.1.13.1'],
  ["identities/any(i:not startswith(i/issuer,'con'))", oneIssuerNull, false, '5.1.1.13.1'],
  ['identities/any(i:i/issuer eq null)', oneIssuerNull, true, '5.1.1.13.1'],
  ['identities/any(i:null)', oneIssuerNull, false, '5.1.1.13.1'],
  ['identities/any()', oneIssuerNull, true, '5.1.1.13.1'],
  ['identities/any()', none, false, '5.1.1.13.1'],
  ['interests/any()', none, false, '5.1.1.13.1'],
  ['otherMails/any(m:true)', none, false, '5.1.1.13.1'],
  ["otherMails/any(m:m eq 'ab@x')", mails, true, '5.1.1.13.1'],
  ["otherMails/any(m:length(m) eq 3)", mails, true, '5.1.1.13.1'],
  ["otherMails/any(m:length(m) eq 6)", { otherMails: ['Straße'] }, true, '5.1.1.5.5'],
  ["otherMails/any(m:m eq 'STRASSE' and length(m) eq 6)", { otherMails: ['x', 'Straße'] }, true, '5.1.1.5.5'],
  ["identities/any(i:i/issuer eq 'strasse' and length(i/issuer) eq 6)", { identities: [{ issuer: 'x' }, { issuer: 'STRAßE' }] }, true, '5.1.1.5.5'],
  // all: true only where it is true of all
  ["identities/all(i:startswith(i/issuer,'con'))", oneIssuerNull, false, '5.1.1.13.2'],
  ["not identities/all(i:startswith(i/issuer,'con'))", oneIssuerNull, true, '5.1.1.13.2'],
  ["identities/all(i:startswith(i/issuer,'con'))", issuers, true, '5.1.1.13.2'],
  ["identities/all(i:not startswith(i/issuer,'x'))", oneIssuerNull, false, '5.1.1.13.2'],
  ["identities/all(i:i/issuer ne 'x')", oneIssuerNull, true, '5.1.1.13.2'],
  ['identities/all(i:null)', oneIssuerNull, false, '5.1.1.13.2'],
  ['identities/all(i:null)', none, true, '5.1.1.13.2'],
  ["identities/all(i:startswith(i/issuer,'con') or i/issuerAssignedId eq 'l')", oneIssuerNull, true, '5.1.1.13.2'],
  ["identities/all(i:startswith(i/issuer,'con') or null)", oneIssuerNull, false, '5.1.1.13.2'],
  ['otherMails/all(m:false)', none, true, '5.1.1.13.2'],
  ['interests/all(m:false)', none, true, '5.1.1.13.2'],
  ["otherMails/all(m:m lt 'b')", mails, true, '5.1.1.13.2'],
  ['otherMails/all()', mails, 400, '5.1.1.13.2'],
  ["businessPhones/any(m:identities/all(i:startswith(i/signInType,'con')))", nested, false, '5.1.1.13.2'],
  ["businessPhones/all(m:identities/any(i:startswith(i/signInType,'con')))", nested, true, '5.1.1.13.2'],
  ["businessPhones/all(m:not identities/all(i:startswith(i/signInType,'con')))", nested, true, '5.1.1.13.2'],
  ['businessPhones/all(m:businessPhones/any(p:p ne m))', { businessPhones: ['1', '2'] }, true, '5.1.1.13.2'],
  // variables
  ["otherMails/any(mail:mail eq 'ab@x')", { ...mails, mail: 'zz@x' }, true, '5.1.1.13'],
  ["otherMails/any(mail:$it/mail eq 'zz@x')", { ...mails, mail: 'zz@x' }, true, '5.1.1.13'],
  ['otherMails/any(m:M eq 1)', mails, 400, '5.1.1.13'],
  ["OTHERMAILS/ANY(m:m EQ 'ab@x')", mails, true, '5.1.1.13'],
  ["displayName/any(d:d eq 'x')", {}, 400, '5.1.1.13'],
  // counts
  ['otherMails/$count eq 2', mails, true, '4.8'],
  ['otherMails/$count gt 2', mails, false, '4.8'],
  ['interests/$count eq 0', none, true, '4.8'],
  ['displayName/$count eq 0', {}, 400, '4.8'],
  // literals and roots
  ["$it/displayName eq 'Kim'", { displayName: 'Kim' }, true, '5.1.1.14.4'],
  ['$it eq null', {}, 501, '5.1.1.14.4'],
  ["$root/users('x')/displayName eq 'Kim'", {}, 501, '5.1.1.14.5'],
  ["$this/displayName eq 'Kim'", {}, 501, '5.1.1.14.6'],
  ["displayName eq 'O''Brien'", { displayName: "O'Brien" }, true, '5.1.1.14.1'],
  ["displayName eq ''''", { displayName: "'" }, true, '5.1.1.14.1'],
  ["displayName eq '100%'", { displayName: '100%' }, true, '5.1.1.14.1'],
  ['displayName eq {"a":1}', {}, 501, '5.1.1.14.2'],
  ['otherMails eq ["a@x","ab@x"]', mails, 501, '5.1.1.14.2'],
  ['displayName eq duration\'P1D\'', {}, 501, '5.1.1.14.1'],
  ['id eq 01234567-89AB-cdef-0123-456789abcdef', { id: '01234567-89ab-cdef-0123-456789abcdef' }, true, '5.1.1.14.1'],
  ["displayName eq 01234567-89ab-cdef-0123-456789abcdef", { displayName: '01234567-89AB-CDEF-0123-456789ABCDEF' }, true, 'Graph'],
]

// biome-ignore format: a table
const ofEmails: typeof ofUsers = [
  ["createdBy/user/displayName eq 'Kim'", author, true, '5.1.1.15'],
  ["createdBy/application/displayName eq 'Kim'", author, false, '5.1.1.15'],
  ['createdBy/application/displayName eq null', author, true, '5.1.1.15'],
  ['createdBy/application eq null', author, true, '5.1.1.15'],
  ['createdBy/user ne null', author, true, '5.1.1.15'],
  ['lastModifiedBy/user/id eq null', { lastModifiedBy: null }, true, '5.1.1.15'],
  ['inference/confidenceScore gt 0', author, false, '5.1.1.15'],
  ['inference/userHasVerifiedAccuracy', author, null, '5.1.1.15'],
  ['inference/userHasVerifiedAccuracy eq null', author, true, '5.1.1.15'],
  ['not inference/userHasVerifiedAccuracy', author, null, '5.1.1.15'],
  ['source/type/any()', { source: null }, false, '5.1.1.15'],
  ["source/type/all(t:t eq 'x')", { source: { type: null } }, true, '5.1.1.13.2'],
  ['createdBy/nobody eq 1', {}, 400, '5.1.1.15'],
  ['createdBy/user eq createdBy/application', author, 501, '5.1.1.1.1'],
  ['createdBy/user ne createdBy/application', author, 501, '5.1.1.1.2'],
  ['createdBy/user gt createdBy/application', author, 400, '5.1.1.1.3'],
  ["createdBy/user eq 'Kim'", author, 400, '5.1.1.1.1'],
  ['source/type eq source/type', {}, 501, '5.1.1.1.1'],
  ['source/type eq null', {}, 501, '5.1.1.1.1'],
  ["source/type eq 'x'", {}, 400, '5.1.1.1.1'],
  ['source/type gt source/type', {}, 400, '5.1.1.1.3'],
  ["source/type in (['x'])", {}, 501, '5.1.1.1.11'],
  ['@odata.etag eq null', {}, 501, '5.1.1.16'],
]

const rows =
  (of: Row['of']) =>
  ([expression, data, outcome, section]: (typeof ofUsers)[number]): Row => ({ of, expression, data, outcome, section })

export const lambdaRows: readonly Row[] = [...ofUsers.map(rows('user')), ...ofEmails.map(rows('email'))]
