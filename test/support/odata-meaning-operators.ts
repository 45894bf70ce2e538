/** Logical operators, precedence and numbers: see odata-meaning.ts. */

import type { Outcome, Row } from './odata-meaning.ts'

const kim = { displayName: 'Kim' }
const nobody = { displayName: null }
const empty = { displayName: '' }
const half = { inference: { confidenceScore: 0.5, userHasVerifiedAccuracy: true } }
const wrong = { inference: { confidenceScore: 0, userHasVerifiedAccuracy: false } }
const unsure = { inference: { confidenceScore: null, userHasVerifiedAccuracy: null } }
const family = { allowedAudiences: 'family,contacts' }
const t = 'inference/userHasVerifiedAccuracy'
const score = 'inference/confidenceScore'
const audiences = 'microsoft.graph.allowedAudiences'

// biome-ignore format: a table
const rows: readonly (readonly [expression: string, data: Row['data'], outcome: Outcome, section: string])[] = [
  // eq, ne
  ["displayName eq 'Kim'", kim, true, '5.1.1.1.1'], ["displayName eq 'Kim'", nobody, false, '5.1.1.1.1'], ["displayName eq 'Kim'", empty, false, '5.1.1.1.1'],
  ['displayName eq null', nobody, true, '5.1.1.1.1'], ['displayName eq null', empty, false, '5.1.1.1.1'], ['displayName eq null', {}, true, '5.1.1.1.1'],
  ["displayName eq ''", empty, true, '5.1.1.1.1'], ["displayName eq ''", nobody, false, '5.1.1.1.1'],
  ['null eq null', {}, true, '5.1.1.1.1'], ['null ne null', {}, false, '5.1.1.1.2'],
  ["displayName ne 'Kim'", kim, false, '5.1.1.1.2'], ["displayName ne 'Kim'", nobody, true, '5.1.1.1.2'], ['displayName ne null', nobody, false, '5.1.1.1.2'],
  ['displayName ne null', empty, true, '5.1.1.1.2'], ["displayName ne ''", nobody, true, '5.1.1.1.2'],
  ['displayName eq address', { displayName: 'a@contoso.com', address: 'a@contoso.com' }, true, '5.1.1.1.1'],
  ["displayName eq 'kIM'", kim, true, 'Graph'],
  [`${t} eq true`, half, true, '5.1.1.1.1'], [`${t} eq false`, unsure, false, '5.1.1.1.1'], [`${t} ne false`, unsure, true, '5.1.1.1.2'], [`${t} eq null`, unsure, true, '5.1.1.1.1'],
  ["(displayName eq 'Kim') eq (address eq 'x')", nobody, true, '5.1.1.1.1'],
  ["displayName eq 1", kim, 400, '5.1.1'], ["displayName gt 1", kim, 400, '5.1.1'], [`${score} eq '1'`, half, 400, '5.1.1'], ['createdDateTime gt 1', {}, 400, '5.1.1'],
  ['createdDateTime eq 12:00:00', {}, 400, '5.1.1'], ['nothing eq 1', {}, 400, '5.1.1.15'],
  // gt, ge, lt, le
  ["displayName gt 'Kia'", kim, true, '5.1.1.1.3'], ["displayName gt 'Kim'", kim, false, '5.1.1.1.3'], ["displayName gt 'Kim'", nobody, false, '5.1.1.1.3'], ["displayName gt ''", nobody, false, '5.1.1.1.3'],
  ["displayName gt ''", empty, false, '5.1.1.1.3'], ['displayName gt null', kim, false, '5.1.1.1.3'], ['null gt null', {}, false, '5.1.1.1.3'],
  ["displayName ge 'Kim'", kim, true, '5.1.1.1.4'], ["displayName ge 'Kim'", nobody, false, '5.1.1.1.4'], ["displayName ge ''", empty, true, '5.1.1.1.4'], ["displayName ge ''", nobody, false, '5.1.1.1.4'],
  ["displayName lt 'Kim'", nobody, false, '5.1.1.1.5'], ["displayName lt 'Kim'", empty, true, '5.1.1.1.5'], ["displayName lt 'L'", kim, true, '5.1.1.1.5'], ['displayName lt null', kim, false, '5.1.1.1.5'],
  ["displayName le 'Kim'", nobody, false, '5.1.1.1.6'], ["displayName le 'Kim'", kim, true, '5.1.1.1.6'], ["displayName le ''", empty, true, '5.1.1.1.6'], ["displayName le ''", nobody, false, '5.1.1.1.6'],
  ["not (displayName gt 'a')", nobody, true, '5.1.1.1.3'], ["'Kim' eq displayName", kim, true, '5.1.1.1.1'], ["'L' gt displayName", kim, true, '5.1.1.1.3'],
  ["displayName gt '\uffff'", { displayName: '😀' }, true, 'Graph'], [`${t} gt false`, half, 501, '5.1.1.1.3'],
  // and
  [`${t} and true`, half, true, '5.1.1.1.7'], [`${t} and false`, half, false, '5.1.1.1.7'], [`${t} and true`, wrong, false, '5.1.1.1.7'],
  [`${t} and true`, unsure, null, '5.1.1.1.7'], [`${t} and false`, unsure, false, '5.1.1.1.7'], [`${t} and null`, half, null, '5.1.1.1.7'], [`${t} and null`, wrong, false, '5.1.1.1.7'], ['null and null', {}, null, '5.1.1.1.7'],
  // or
  [`${t} or false`, half, true, '5.1.1.1.8'], [`${t} or false`, wrong, false, '5.1.1.1.8'], [`${t} or true`, unsure, true, '5.1.1.1.8'], [`${t} or false`, unsure, null, '5.1.1.1.8'],
  [`${t} or null`, half, true, '5.1.1.1.8'], [`${t} or null`, wrong, null, '5.1.1.1.8'], ['null or null', {}, null, '5.1.1.1.8'], ["displayName and true", kim, 400, '5.1.1.1.7'],
  // not
  [`not ${t}`, half, false, '5.1.1.1.9'], [`not ${t}`, wrong, true, '5.1.1.1.9'], [`not ${t}`, unsure, null, '5.1.1.1.9'], ['not null', {}, null, '5.1.1.1.9'], ["not contains(displayName,'x')", nobody, null, '5.1.1.1.9'],
  ['(not null) eq null', {}, true, '5.1.1.1.9'],
  // has
  ["allowedAudiences has 'family'", family, true, '5.1.1.1.10'], ["allowedAudiences has 'everyone'", family, false, '5.1.1.1.10'], ["allowedAudiences has 'family,contacts'", family, true, '5.1.1.1.10'],
  ["allowedAudiences has 'family,everyone'", family, false, '5.1.1.1.10'], [`allowedAudiences has ${audiences}'contacts'`, family, true, '5.1.1.1.10'], [`allowedAudiences has ${audiences}'3'`, family, true, '5.1.1.1.10'],
  ["allowedAudiences has 'me'", family, true, '5.1.1.1.10'], ['allowedAudiences has null', family, null, '5.1.1.1.10'], ["null has 'family'", family, null, '5.1.1.1.10'], ['not (allowedAudiences has null)', family, null, '5.1.1.1.10'],
  ['allowedAudiences has 1', family, 400, '5.1.1.1.10'], ["type has 'work'", {}, 400, '5.1.1.1.10'], ["allowedAudiences has 'nobody'", family, 400, '5.1.1.1.10'],
  // in
  ["displayName in ('Lee','Kim')", kim, true, '5.1.1.1.11'], ["displayName in ('Lee')", kim, false, '5.1.1.1.11'], ["displayName in ('Lee')", nobody, false, '5.1.1.1.11'], ["displayName in ('Lee',null)", nobody, true, '5.1.1.1.11'],
  ["displayName in ('')", empty, true, '5.1.1.1.11'], ["displayName in ('')", nobody, false, '5.1.1.1.11'], ["displayName in (null)", empty, false, '5.1.1.1.11'], ['displayName in ()', kim, false, '5.1.1.1.11'], ['not (displayName in ())', kim, true, '5.1.1.1.11'],
  ['displayName in ["Lee","Kim"]', kim, true, '5.1.1.1.11'], ['null in (null)', {}, true, '5.1.1.1.11'], ['null in (1)', {}, false, '5.1.1.1.11'], [`${score} in (1,0.5)`, half, true, '5.1.1.1.11'], [`${score} in (NaN)`, half, false, '5.1.1.1.11'],
  ['displayName in (1)', kim, 400, '5.1.1.1.11'], ["type in ('work','main')", { type: 'main' }, true, '5.1.1.1.11'], ["displayName in address", kim, 501, '5.1.1.1.11'],
  // enumerations
  ["type eq 'work'", { type: 'work' }, true, '5.1.1.14.1'], ["type eq microsoft.graph.emailType'work'", { type: 'work' }, true, '5.1.1.14.1'], ["type eq '1'", { type: 'work' }, true, '5.1.1.14.1'], ["type ne 'work'", { type: 'main' }, true, '5.1.1.14.1'],
  ["type gt 'work'", { type: 'main' }, true, '5.1.1.1.3'], ["type lt 'work'", { type: 'unknown' }, true, '5.1.1.1.5'], ['type eq null', {}, false, '5.1.1.1.1'],
  [`allowedAudiences eq ${audiences}'3'`, family, true, '5.1.1.14.1'], [`allowedAudiences eq '3'`, family, true, '5.1.1.14.1'], [`allowedAudiences eq '1,contacts'`, family, true, '5.1.1.14.1'], ["allowedAudiences eq 'contacts,family'", family, true, '5.1.1.14.1'],
  ["allowedAudiences eq 'family'", family, false, '5.1.1.14.1'], ["allowedAudiences in ('3')", family, true, '5.1.1.14.1'], ["allowedAudiences eq '128'", family, 400, '5.1.1.14.1'], ["allowedAudiences eq '-1'", family, 400, '5.1.1.14.1'],
  ["type eq '9'", {}, 400, '5.1.1.14.1'], ["type eq '3,1'", {}, 400, '5.1.1.14.1'], ["type eq microsoft.graph.allowedAudiences'me'", {}, 400, '5.1.1.14.1'], ['type eq 1', {}, 400, '5.1.1.14.1'],
  // numbers
  [`${score} eq 0.5`, half, true, '5.1.1.18'], [`${score} eq 5e-1`, half, true, '5.1.1.18'], [`${score} eq 0.50`, half, true, '5.1.1.18'], [`${score} lt 1`, half, true, '5.1.1.18'], [`${score} eq 0`, wrong, true, '5.1.1.18'], [`${score} eq -0.0`, wrong, true, '5.1.1.18'],
  [`${score} lt INF`, half, true, '5.1.1.1.5'], [`${score} gt -INF`, wrong, true, '5.1.1.1.3'], [`${score} lt INF`, unsure, false, '5.1.1.1.5'], ['INF eq INF', {}, true, '5.1.1.1.1'], ['-INF eq INF', {}, false, '5.1.1.1.1'],
  ['NaN eq NaN', {}, false, '5.1.1.1.1'], ['NaN ne NaN', {}, true, '5.1.1.1.2'], ['null eq NaN', {}, false, '5.1.1.1.1'], ['NaN ne null', {}, true, '5.1.1.1.2'], ['length(null) eq NaN', {}, false, '5.1.1.1.1'], [`${score} eq NaN`, unsure, false, '5.1.1.1.1'], [`${score} ne NaN`, half, true, '5.1.1.1.2'], [`${score} gt NaN`, half, false, '5.1.1.1.3'],
  ['1 eq 1.0', {}, true, '5.1.1.18'], ['9007199254740993 gt 1', {}, true, '5.1.1.18'], [`${score} eq null`, unsure, true, '5.1.1.1.1'], [`${score} gt -1`, unsure, false, '5.1.1.1.3'],
  // precedence and grouping
  [`true or ${t} and false`, wrong, true, '5.1.1.17'], [`(true or ${t}) and false`, wrong, false, '5.1.1.3'], ['not false and false', {}, false, '5.1.1.17'], ['not (false and false)', {}, true, '5.1.1.3'],
  ["false eq 1 gt 2", {}, true, '5.1.1.17'], ["not allowedAudiences has 'everyone'", family, true, '5.1.1.17'], ["not displayName in ('Lee')", kim, true, '5.1.1.17'], ["displayName eq 'Kim' eq true", kim, true, '5.1.1.17'],
  ["displayName EQ 'Kim' AND NOT FALSE", kim, true, '5.1.1.1'],
  // arithmetic is not served
  ...['add', 'sub', 'mul', 'div', 'divby', 'mod'].map((operator) => [`${score} ${operator} 1 eq 1`, half, 501, '5.1.1.2'] as const),
  [`-${score} eq 1`, half, 501, '5.1.1.2.3'],
]

export const operatorRows: readonly Row[] = rows.map(([expression, data, outcome, section]) => ({
  of: 'email',
  expression,
  data,
  outcome,
  section,
}))
