/** Random values of $filter, $orderby and $search, near what is taken and far from it. */

import fc from 'fast-check'
import { nastyTexts } from './filter-records.ts'

const words = [
  ...'and or not eq ne gt ge lt le in has add sub mul div divby mod asc desc null true false INF NaN -INF any all AND OR NOT $it $this $root $count'.split(
    ' ',
  ),
  ..."( ) [ ] { } , : ; / . - + * @ # $ % & = ? ! ' \" \\ ' ( ) ( ) , /".split(' '),
  ...'startswith( endswith( contains( tolower( toupper( trim( length( indexof( substring( concat( matchesPattern( year( month( day( hour('.split(
    ' ',
  ),
  ...'minute( second( fractionalseconds( totalseconds( date( time( now() mindatetime() maxdatetime() round( floor( ceiling( cast( isof( case('.split(
    ' ',
  ),
  ..."hassubset( geo.distance( /any( /any(v: /all(v: v v/x /$count /$filter( @p @Ns.Term duration'P1D' binary'AA' microsoft.graph.emailType'work'".split(
    ' ',
  ),
  ...'id displayName mail accountEnabled createdDateTime otherMails identities identities/issuer birthday userPrincipalName passwordProfile'.split(
    ' ',
  ),
  ...'address type allowedAudiences inference inference/confidenceScore source source/type createdBy/user/displayName createdBy authentication'.split(
    ' ',
  ),
  ...'0 1 -1 1.5 1e400 2020-02-29 2020-02-29T12:30:45Z 12:30:45 00000000-0000-4000-8000-000000000001'.split(' '),
]
const word = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...words) },
  { weight: 2, arbitrary: fc.constantFrom(...nastyTexts).map((text) => `'${text.replaceAll("'", "''")}'`) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }).map((text) => text.toWellFormed()) },
)
const spaced = fc.tuple(word, fc.constantFrom(' ', ' ', ' ', '')).map((parts) => parts.join(''))

/** Words of the vocabulary in no order that means much. */
const soup = fc.array(spaced, { maxLength: 24 }).map((parts) => parts.join(''))

/** Well formed, with kinds that need not fit. */
const mistyped = fc.letrec<{ term: string; condition: string }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 4 },
    { weight: 3, arbitrary: fc.constantFrom(...words.filter((text) => /^[a-z]\w+(\/[a-z]\w+)*$/i.test(text) || /^-?\d/.test(text))) },
    fc.constantFrom(
      "'a'",
      "'work'",
      'null',
      'true',
      'now()',
      'otherMails/$count',
      "microsoft.graph.emailType'work'",
      "duration'P1D'",
      'v',
      'v/issuer',
    ),
    fc
      .tuple(fc.constantFrom(...words.filter((text) => /^[a-z]+\($/i.test(text))), fc.array(tie('term'), { minLength: 1, maxLength: 3 }))
      .map(([name, args]) => `${name}${args.join(',')})`),
    tie('condition').map((text) => `(${text})`),
  ),
  condition: fc.oneof(
    { maxDepth: 4 },
    fc
      .tuple(tie('term'), fc.constantFrom('eq', 'ne', 'gt', 'le', 'and', 'or', 'has', 'in', 'add', 'mod'), tie('term'))
      .map((parts) => parts.join(' ')),
    fc.tuple(tie('term'), fc.array(tie('term'), { maxLength: 3 })).map(([term, list]) => `${term} in (${list.join(',')})`),
    tie('term').map((text) => `not ${text}`),
    fc
      .tuple(fc.constantFrom('otherMails', 'identities', 'source/type', 'id'), fc.constantFrom('any', 'all'), tie('condition'))
      .map(([path, name, inner]) => `${path}/${name}(v:${inner})`),
  ),
})).condition

const encoded = (text: fc.Arbitrary<string>) => text.map(encodeURIComponent)
const percents = fc.array(fc.constantFrom('%', '%2', '%zz', '%00', '%27', '%ED%A0%80', '%F0%9F', "'", '+', 'id', 'eq', '%2B', '%C3%9F'), {
  maxLength: 20,
})

/** The raw value of a query option. */
export const anyValue: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: encoded(mistyped) },
  { weight: 4, arbitrary: encoded(soup) },
  { weight: 1, arbitrary: encoded(fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.toWellFormed())) },
  { weight: 1, arbitrary: percents.map((parts) => parts.join('')) },
)
