/** The SQL that is particular to PostgreSQL. Texts compare octet by octet; their characters change case by a map that a statement brings along. */

import sql, { empty, join, raw, type Sql } from 'sql-template-tag'
import { foldCharacter } from '../../model/address.ts'
import { joiner } from '../../model/text.ts'
import type { Case, Dialect } from '../database.ts'

export const dialect: Dialect = {
  text: 'TEXT COLLATE "C"',
  valuesTable: (columns, rows) => {
    const lists = columns.map((_, index) => sql`${rows.map((row) => row[index])}::text[]`)
    return sql`(SELECT * FROM unnest(${join(lists)}) AS given (${raw(columns.join(', '))}))`
  },
  // Names are those of the model, which hold no character that means something in such a path.
  member: (document, path) => sql`((${document})::jsonb #>> ${raw(pathText(path))} COLLATE "C")`,
  array: (document, path) => sql`NULLIF((${document})::jsonb #> ${raw(pathText(path))}, 'null'::jsonb)`,
  elements: (array, alias) => sql`jsonb_array_elements(${array}) WITH ORDINALITY AS ${raw(alias)} (value, n)`,
  element: (alias) => sql`(${raw(alias)}.value #>> '{}' COLLATE "C")`,
  counterpart: (array, alias) => {
    const index = raw(`(${alias}.n - 1)::int`)
    return { document: sql`(${array} -> ${index})`, text: sql`((${array} ->> ${index}) COLLATE "C")` }
  },
  position: (text, part) => sql`strpos(${text}, ${part})`,
  // Here a statement is cancelled from outside.
  stopCheck: empty,
  forShare: sql`FOR SHARE`,
  composed,
  cased: (text, to) => (to === 'fold' ? composed(cased(text, to)) : cased(text, to)),
  // The text stands there once, and OFFSET keeps the planner from writing it twice: inside it may be another like it.
  indexOfFolded: (
    text,
    part,
  ) => sql`(SELECT CASE WHEN x.k IS NULL THEN NULL WHEN x.k = 0 THEN -1 WHEN octet_length(x.t) = length(x.t) THEN x.k - 1
    ELSE (SELECT count(*) FROM (SELECT sum(length(${folded})) OVER (ORDER BY s.n) AS upto FROM ${charactersOf('x.t')}) AS u WHERE u.upto < x.k) END
    FROM (SELECT w.t, strpos(${cased(raw('w.t'), 'fold')}, w.p) AS k FROM (SELECT ${text} AS t, ${part} AS p OFFSET 0) AS w OFFSET 0) AS x)`,
  complete: (statement) => (statement.sql.includes('FROM letters') ? sql`${lettersOf(statement)} ${statement}` : statement),
}

function pathText(path: readonly string[]): string {
  return `'{${path.map((name) => `"${name}"`).join(',')}}'`
}

/** As `normalForm` composes: a run of marks takes the engine the square of its length, unless it is broken up. */
function composed(text: Sql): Sql {
  return sql`((SELECT CASE WHEN octet_length(m.t) = length(m.t) THEN m.t
    ELSE normalize(regexp_replace(m.t, (SELECT marks FROM letters), ${`\\&${joiner}`}, 'g'), NFC) END FROM (SELECT ${text} AS t OFFSET 0) AS m) COLLATE "C")`
}

function cased(text: Sql, to: Case): Sql {
  const ofAscii = to === 'toupper' ? 'upper' : 'lower'
  return sql`((SELECT CASE WHEN m.t IS NULL THEN NULL WHEN octet_length(m.t) = length(m.t) THEN ${raw(ofAscii)}(m.t COLLATE "C")
    ELSE (SELECT string_agg(${characterIn(to)}, '' ORDER BY s.n) FROM ${charactersOf('m.t')}) END
    FROM (SELECT ${text} AS t OFFSET 0) AS m) COLLATE "C")`
}

function charactersOf(text: string): Sql {
  return sql`unnest(string_to_array(${raw(text)}, NULL)) WITH ORDINALITY AS s (c, n)`
}

function characterIn(to: Case): Sql {
  return sql`COALESCE((SELECT ${raw(to)} FROM letters) ->> s.c, s.c)`
}

const folded = characterIn('fold')

/** Each character by itself. */
const caseOf: Readonly<Record<Case, (character: string) => string>> = {
  fold: foldCharacter,
  tolower: (character) => character.toLowerCase(),
  toupper: (character) => character.toUpperCase(),
}

interface Letters extends Readonly<Record<Case, string>> {
  /** Matches a run of combining marks that goes on. */
  readonly marks: string
}

let letters: Letters | undefined

/** Works out, once, which characters are others in another case, and what they are there. */
export function prepareLetters(): Letters {
  letters ??= makeLetters()
  return letters
}

function lettersOf(statement: Sql): Sql {
  const known = prepareLetters()
  const columns = (Object.keys(known) as (keyof Letters)[]) // its keys are those
    .filter((name) => statement.sql.includes(`SELECT ${name} FROM letters`))
    .map((name) => sql`CAST(${known[name]} AS ${raw(name === 'marks' ? 'TEXT' : 'JSONB')}) AS ${raw(name)}`)
  return sql`WITH letters AS MATERIALIZED (SELECT ${join(columns)})`
}

const lastLetter = 0x1ffff
/** Selectors of variants, which are marks. */
const [firstSelector, lastSelector] = [0xe0100, 0xe01ef]
const marksInRow = 30

function makeLetters(): Letters {
  const changing: string[] = []
  const marks = [String.fromCodePoint(firstSelector), '-', String.fromCodePoint(lastSelector)]
  for (let point = 1; point <= lastLetter; point++) {
    const character = String.fromCodePoint(point)
    if (/\p{Changes_When_Casemapped}|\p{Changes_When_Casefolded}/u.test(character)) changing.push(character)
    if (character !== joiner && /\p{M}/u.test(character)) marks.push(character)
  }
  const mapOf = (to: Case) =>
    JSON.stringify(Object.fromEntries(changing.map((one) => [one, caseOf[to](one)]).filter(([one, other]) => one !== other)))
  const mark = `[${marks.join('')}]`
  return { fold: mapOf('fold'), tolower: mapOf('tolower'), toupper: mapOf('toupper'), marks: `${mark}{${marksInRow}}(?=${mark})` }
}
