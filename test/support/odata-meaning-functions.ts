/** Functions: see odata-meaning.ts. */

import type { Outcome, Row } from './odata-meaning.ts'

type Line = readonly [expression: string, data: Row['data'], outcome: Outcome, section: string]

const name = (displayName: string | null): Row['data'] => ({ displayName })
const kim = name('Kim')
const nobody = name(null)
const street = name('Straße')
const smile = name('a😀b')
const made = { createdDateTime: '2024-02-29T23:59:05.1234567Z' }
const whole = { createdDateTime: '2024-02-29T00:00:00Z' }

// biome-ignore format: a table
const texts: readonly Line[] = [
  ["concat(displayName,'!') eq 'Kim!'", kim, true, '5.1.1.5.1'], ["concat(displayName,'!') eq '!'", nobody, false, '5.1.1.5.1'], ["concat(displayName,'!') eq null", nobody, true, '5.1.1.5.1'],
  ["concat('a',concat(displayName,'b')) eq 'aKimb'", kim, true, '5.1.1.5.1'], ["concat(displayName,null) eq null", kim, true, '5.1.1.4'], ["concat('','') eq ''", {}, true, '5.1.1.5.1'],
  ["concat(displayName,'e') eq 'STRASSEe'", street, true, 'Graph'], ['concat(displayName,source/type) eq null', kim, 501, '5.1.1.5.1'], ["concat(displayName,1) eq 'x'", kim, 400, '5.1.1'],
  ["contains(displayName,'i')", kim, true, '5.1.1.5.2'], ["contains(displayName,'x')", kim, false, '5.1.1.5.2'], ["contains(displayName,'')", kim, true, '5.1.1.5.2'], ["contains(displayName,'')", name(''), true, '5.1.1.5.2'],
  ["contains(displayName,'x')", nobody, null, '5.1.1.4'], ['contains(displayName,null)', kim, null, '5.1.1.4'], ["contains(displayName,'x') eq null", nobody, true, '5.1.1.4'], ["contains(displayName,'i')", name('ısı'), false, 'Graph'],
  ["contains(displayName,'ı')", name('Kim'), false, 'Graph'], ["contains(displayName,'ı')", name('ısı'), true, 'Graph'], ["contains(displayName,'ss')", street, true, 'Graph'], ["contains(source/type,'x')", {}, 501, '5.1.1.5.2'], ["contains(displayName,1)", kim, 400, '5.1.1'],
  ["endswith(displayName,'im')", kim, true, '5.1.1.5.3'], ["endswith(displayName,'Ki')", kim, false, '5.1.1.5.3'], ["endswith(displayName,'xKim')", kim, false, '5.1.1.5.3'], ["endswith(displayName,'')", kim, true, '5.1.1.5.3'], ["endswith(displayName,'m')", nobody, null, '5.1.1.4'],
  ["indexof(displayName,'K') eq 0", kim, true, '5.1.1.5.4'], ["indexof(displayName,'m') eq 2", kim, true, '5.1.1.5.4'], ["indexof(displayName,'x') eq -1", kim, true, '5.1.1.5.4'], ["indexof(displayName,'') eq 0", kim, true, '5.1.1.5.4'],
  ["indexof(displayName,'m') eq null", nobody, true, '5.1.1.4'], ["indexof(displayName,'e') eq 5", street, true, '5.1.1.5.4'], ["indexof(displayName,'b') eq 2", smile, true, '5.1.1.5.4'], ["indexof(displayName,'ss') eq 4", street, true, 'Graph'],
  ["indexof(displayName,'ße') eq 4", street, true, '5.1.1.5.4'], ["indexof(displayName,'x') eq 1", name('İx'), true, '5.1.1.5.4'], ["indexof(displayName,'x') eq 2", name('ŉßx'), true, '5.1.1.5.4'], ["indexof('banana','an') eq 1", {}, true, '5.1.1.5.4'],
  ["indexof(displayName,'x') eq 1", name('e\u0301x'), true, 'Graph'], ["indexof(displayName,'É') eq 1", name('ae\u0301'), true, 'Graph'],
  ["length(displayName) eq 3", kim, true, '5.1.1.5.5'], ["length(displayName) eq 6", street, true, '5.1.1.5.5'], ["length(displayName) eq 3", smile, true, '5.1.1.5.5'], ["length(displayName) eq 0", name(''), true, '5.1.1.5.5'],
  ["length(displayName) eq null", nobody, true, '5.1.1.4'], ["length(displayName) gt 0", nobody, false, '5.1.1.4'], ["length(displayName) eq 1", name('e\u0301'), true, 'Graph'], ["length(displayName) eq 1", name('İ'), true, '5.1.1.5.5'], ["length('O''Brien') eq 7", {}, true, '5.1.1.5.5'],
  ['length(source/type) eq 1', {}, 501, '5.1.1.5.5'], ["length(createdDateTime) eq 1", {}, 400, '5.1.1'], ['length(1) eq 1', {}, 400, '5.1.1'], ["length(displayName,'x') eq 1", kim, 400, '5.1.1.5.5'],
  ["startswith(displayName,'Ki')", kim, true, '5.1.1.5.6'], ["startswith(displayName,'im')", kim, false, '5.1.1.5.6'], ["startswith(displayName,'Kimx')", kim, false, '5.1.1.5.6'], ["startswith(displayName,'')", name(''), true, '5.1.1.5.6'], ["startswith(displayName,'')", nobody, null, '5.1.1.4'],
  ["substring(displayName,1) eq 'im'", kim, true, '5.1.1.5.7'], ["substring(displayName,1,1) eq 'i'", kim, true, '5.1.1.5.7'], ["substring(displayName,0) eq 'Kim'", kim, true, '5.1.1.5.7'], ["substring(displayName,3) eq ''", kim, true, '5.1.1.5.7'], ["substring(displayName,9) eq ''", kim, true, '5.1.1.5.7'],
  ["substring(displayName,1,99) eq 'im'", kim, true, '5.1.1.5.7'], ["substring(displayName,1,0) eq ''", kim, true, '5.1.1.5.7'], ["substring(displayName,1) eq null", nobody, true, '5.1.1.4'], ["substring(displayName,null) eq null", kim, true, '5.1.1.4'],
  ["substring(displayName,4,1) eq 'ß'", street, true, '5.1.1.5.7'], ["substring(displayName,5) eq 'e'", street, true, '5.1.1.5.7'], ["substring(displayName,4,2) eq 'SSE'", street, true, 'Graph'], ["substring(displayName,1,1) eq '😀'", smile, true, '5.1.1.5.7'], ["substring(displayName,2) eq 'b'", smile, true, '5.1.1.5.7'],
  ["substring(displayName,indexof(displayName,'i')) eq 'im'", kim, true, '5.1.1.5.7'], ["substring(displayName,indexof(displayName,'x')) eq null", kim, true, '5.1.1.5.7'], ["substring(displayName,-1) eq 'm'", kim, 501, '5.1.1.5.7'], ["substring(displayName,0,-1) eq ''", kim, 400, '5.1.1.5.7'],
  ["substring(displayName,0.5) eq ''", kim, 400, '5.1.1.5.7'], ["substring(displayName,'1') eq ''", kim, 400, '5.1.1'], ["substring(displayName) eq ''", kim, 400, '5.1.1.5.7'], ['substring(source/type,1) eq null', {}, 501, '5.1.1.5.7'],
  ["hassubset(source/type,['x'])", {}, 501, '5.1.1.6.1'], ["hassubsequence(source/type,['x'])", {}, 501, '5.1.1.6.2'], ["matchesPattern(displayName,'K')", kim, 501, '5.1.1.7.1'],
  ["tolower(displayName) eq 'kim'", kim, true, '5.1.1.7.2'], ["tolower(displayName) eq null", nobody, true, '5.1.1.4'], ["length(tolower(displayName)) eq 2", name('İ'), true, '5.1.1.7.2'], ["contains(tolower(displayName),'straß')", street, true, '5.1.1.7.2'], ["tolower(displayName) eq 'ısı'", name('ısı'), true, '5.1.1.7.2'],
  ["toupper(displayName) eq 'KIM'", kim, true, '5.1.1.7.3'], ["length(toupper(displayName)) eq 7", street, true, '5.1.1.7.3'], ["toupper(displayName) eq 'ISI'", name('ısı'), true, '5.1.1.7.3'], ["toupper(displayName) eq 'ΟΔΟΣ'", name('οδος'), true, '5.1.1.7.3'], ["length(toupper('ŉ')) eq 2", {}, true, '5.1.1.7.3'],
  ["tolower(1) eq 'x'", {}, 400, '5.1.1'], ["toupper(source/type) eq 'x'", {}, 400, '5.1.1'],
  ["trim(displayName) eq 'x'", name(' \t x \n'), true, '5.1.1.7.4'], ["trim(displayName) eq 'x'", name('\u00a0\u3000x\u2028'), true, '5.1.1.7.4'], ["trim(displayName) eq 'a b'", name(' a b '), true, '5.1.1.7.4'], ["length(trim(displayName)) eq 0", name('   '), true, '5.1.1.7.4'], ["trim(displayName) eq null", nobody, true, '5.1.1.4'],
  ["length(displayName) eq 41", name(`a${'\u0301\u0323'.repeat(20)}`), true, 'Graph'], ["substring(displayName,0,1) eq 'ạ\u0301'", name(`a${'\u0301\u0323'.repeat(20)}`), false, 'Graph'],
  // How texts fold: Unicode's full case folding
  ["displayName eq 'STRASSE'", street, true, 'Graph'], ["displayName eq 'STRAẞE'", street, true, 'Graph'], ["displayName eq 'ISI'", name('ısı'), false, 'Graph'], ["displayName eq 'i'", name('ı'), false, 'Graph'], ["displayName eq 'I'", name('ı'), false, 'Graph'],
  ["displayName eq 'i\u0307'", name('İ'), true, 'Graph'], ["displayName eq 'i'", name('İ'), false, 'Graph'], ["displayName eq 'k'", name('\u212a'), true, 'Graph'], ["displayName eq 'å'", name('\u212b'), true, 'Graph'], ["displayName eq 'ω'", name('\u2126'), true, 'Graph'],
  ["displayName eq 'ΟΔΟΣ'", name('οδος'), true, 'Graph'], ["displayName eq 'ꭰ'", name('Ꭰ'), true, 'Graph'], ["displayName eq 'μ'", name('\u00b5'), true, 'Graph'], ["displayName eq 's'", name('ſ'), true, 'Graph'], ["displayName eq 'FI'", name('ﬁ'), true, 'Graph'],
  ["displayName eq '\u03aa\u0301'", name('ΐ'), true, 'Graph'], ["displayName eq 'J\u030c'", name('ǰ'), true, 'Graph'], ["displayName eq 'ა'", name('Ა'), true, 'Graph'], ["displayName eq 'é'", name('E\u0301'), true, 'Graph'], ["displayName eq 'e'", name('é'), false, 'Graph'],
]

const parts = { year: 2024, month: 2, day: 29, hour: 23, minute: 59, second: 5, fractionalseconds: 0.1234567 }

// biome-ignore format: a table
const times: readonly Line[] = [
  ...Object.entries(parts).flatMap(([part, value]): Line[] => [
    [`${part}(createdDateTime) eq ${value}`, made, true, '5.1.1.8'],
    [`${part}(2024-02-29T23:59:05.1234567Z) eq ${value}`, {}, true, '5.1.1.8'],
    [`${part}(null) eq null`, {}, true, '5.1.1.4'],
    [`${part}('2024-02-29') eq 1`, {}, 400, '5.1.1'],
  ]),
  ...['year', 'month', 'day', 'hour', 'minute'].flatMap((part): Line[] => [
    [`${part}(2025-01-01T00:30:00+01:00) eq 1`, {}, 400, '5.1.1.8'],
    [`${part}(2025-01-01T00:30:00+00:00) ge 0`, {}, true, '5.1.1.8'],
  ]),
  ['date(2025-01-01T00:30:00+01:00) eq 2025-01-01', {}, 400, '5.1.1.8.1'], ['time(2025-01-01T00:30:00-05:30) eq 00:30:00', {}, 400, '5.1.1.8.11'], ['year(date(2025-01-01T00:30:00+01:00)) eq 2025', {}, 400, '5.1.1.8'],
  ['year(@t) eq 2025&@t=2025-01-01T00:30:00+01:00', {}, 400, '5.1.1.8.14'], ['second(2025-01-01T00:30:07+01:00) eq 7', {}, true, '5.1.1.8.10'], ['fractionalseconds(2025-01-01T00:30:07.5+01:00) eq 0.5', {}, true, '5.1.1.8.3'],
  ['createdDateTime eq 2024-03-01T00:59:05.1234567+01:00', made, true, '5.1.1.1.1'], ['createdDateTime lt 2024-03-01T00:59:05.1234567+00:00', made, true, '5.1.1.1.5'], ['createdDateTime in (2024-02-29T18:59:05.1234567-05:00)', made, true, '5.1.1.1.11'],
  ['2025-01-01T00:00:00Z eq 2025-01-01T01:00:00+01:00', {}, true, '5.1.1.1.1'], ['createdDateTime eq 2024-02-29T00:00Z', whole, true, '5.1.1.14.1'], ['createdDateTime eq 2024-02-29T00:00:00.000Z', whole, true, '5.1.1.14.1'], ['createdDateTime gt 2024-02-29T23:59:05.123456Z', made, true, '5.1.1.1.3'],
  // overloads
  ['year(2024-02-29) eq 2024', {}, true, '5.1.1.8.14'], ['month(2024-02-29) eq 2', {}, true, '5.1.1.8.8'], ['day(2024-02-29) eq 29', {}, true, '5.1.1.8.2'], ['hour(10:20:30) eq 10', {}, true, '5.1.1.8.4'], ['minute(10:20:30) eq 20', {}, true, '5.1.1.8.7'], ['second(10:20:30) eq 30', {}, true, '5.1.1.8.10'],
  ['fractionalseconds(10:20:30.25) eq 0.25', {}, true, '5.1.1.8.3'], ['fractionalseconds(10:20:30) eq 0', {}, true, '5.1.1.8.3'], ['second(10:20) eq 0', {}, true, '5.1.1.8.10'],
  ['year(date(createdDateTime)) eq 2024', made, true, '5.1.1.8.14'], ['day(date(createdDateTime)) eq 29', made, true, '5.1.1.8.2'], ['hour(time(createdDateTime)) eq 23', made, true, '5.1.1.8.4'], ['minute(time(createdDateTime)) eq 59', made, true, '5.1.1.8.7'], ['second(time(createdDateTime)) eq 5', made, true, '5.1.1.8.10'],
  ['fractionalseconds(time(createdDateTime)) eq 0.1234567', made, true, '5.1.1.8.3'], ['hour(2024-02-29) eq 0', {}, 400, '5.1.1.8.4'], ['year(10:20:30) eq 1', {}, 400, '5.1.1.8.14'], ['date(2024-02-29) eq 2024-02-29', {}, 400, '5.1.1.8.1'], ['time(10:20:30) eq 10:20:30', {}, 400, '5.1.1.8.11'],
  ['year(displayName) eq 1', {}, 400, '5.1.1'], ['year(1) eq 1', {}, 400, '5.1.1'],
  // date and time
  ['date(createdDateTime) eq 2024-02-29', made, true, '5.1.1.8.1'], ['date(createdDateTime) lt 2024-03-01', made, true, '5.1.1.8.1'], ['date(null) eq null', {}, true, '5.1.1.4'], ['time(createdDateTime) eq 23:59:05.1234567', made, true, '5.1.1.8.11'], ['time(createdDateTime) gt 23:59:05', made, true, '5.1.1.8.11'],
  ['time(createdDateTime) eq 00:00:00', whole, true, '5.1.1.8.11'], ['time(createdDateTime) eq 00:00', whole, true, '5.1.1.14.1'], ['fractionalseconds(createdDateTime) eq 0', whole, true, '5.1.1.8.3'], ['date(createdDateTime) eq 2024-02-30', made, 400, '5.1.1.14.1'],
  ['now() eq now()', {}, true, '5.1.1.8.9'], ['createdDateTime lt now()', made, true, '5.1.1.8.9'], ['mindatetime() lt createdDateTime', made, true, '5.1.1.8.6'], ['maxdatetime() gt createdDateTime', made, true, '5.1.1.8.5'], ['year(mindatetime()) eq 1', {}, true, '5.1.1.8.6'], ['year(maxdatetime()) eq 9999', {}, true, '5.1.1.8.5'],
  ['totaloffsetminutes(createdDateTime) eq 0', made, 501, '5.1.1.8.12'], ["totalseconds(duration'PT1S') eq 1", {}, 501, '5.1.1.8.13'],
  // not served
  ...['round', 'floor', 'ceiling'].map((name): Line => [`${name}(inference/confidenceScore) eq 1`, {}, 501, '5.1.1.9']),
  ["cast(displayName,Edm.Int32) eq 1", {}, 501, '5.1.1.10.1'], ['isof(microsoft.graph.itemEmail)', {}, 501, '5.1.1.10.2'], ["geo.distance(displayName,displayName) lt 1", {}, 501, '5.1.1.11.1'], ["case(true:1) eq 1", {}, 501, '5.1.1.12.1'], ["nofunction(displayName)", {}, 400, '5.1.1.4'],
]

export const functionRows: readonly Row[] = [...texts, ...times].map(([expression, data, outcome, section]) => ({
  of: 'email',
  expression,
  data,
  outcome,
  section,
}))
