/** Random filters, orders and searches that this server takes: texts, over the members of a type. */

import fc from 'fast-check'
import type { Members } from './filter-members.ts'
import { nastyTexts } from './filter-records.ts'

/** The elements that `any` and `all` around go through, by variable: a text, or a structure with these members. */
type Variables = readonly { readonly name: string; readonly members: readonly string[] | undefined }[]

const one = <T>(values: readonly T[]) => fc.constantFrom(...values)
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
const literal = fc.oneof({ weight: 8, arbitrary: one(nastyTexts).map(quoted) }, { weight: 2, arbitrary: fc.constantFrom('null', "''") })
const comparison = one(['eq', 'ne', 'gt', 'ge', 'lt', 'le'])
const whole = one(['0', '1', '2', '3', '7', '100'])
const numberLiteral = one(
  '0 1 2 3 -1 0.1 0.3 0.30000000000000004 0.5 1e0 -0 5e-324 1e308 INF -INF NaN 12 59 1970 2020 9999 99999999999999999999 null'.split(' '),
)
const instantLiteral = one(
  `0001-01-01T00:00:00Z 1970-01-01T00:00:00Z 2020-02-29T12:30:45.123Z 2020-02-29T12:30:45.1230001Z 2019-12-31T23:59:59.9999999Z
  2020-03-01T00:00:00.500Z 2020-03-01T01:00:00+01:00 9999-12-31T23:59:59.999999999999Z 2020-02-29 0000-01-01T00:00:00Z now() mindatetime()
  maxdatetime() null`.split(/\s+/),
)
const dayLiteral = one(['2020-02-29', '0001-01-01', '9999-12-31', '2020-01-01', 'null'])
const clockLiteral = one(['00:00', '12:30:45', '23:59:59.9999999', '12:30:45.123', '00:00:00.000000000001', 'null'])

/** The expressions over a type's members, of every kind. Made once for each depth and each set of variables. */
class Expressions {
  readonly #members: Members
  readonly #made = new Map<string, fc.Arbitrary<string>>()

  constructor(members: Members) {
    this.#members = members
  }

  condition(depth: number, variables: Variables): fc.Arbitrary<string> {
    return this.#once(`condition${depth}`, variables, () => {
      const simple = [...this.#tests(variables), ...this.#comparisons(variables)]
      if (depth === 0) return fc.oneof(...simple)
      const inner = this.condition(depth - 1, variables)
      return fc.oneof(
        { weight: 6, arbitrary: fc.oneof(...simple) },
        { weight: 3, arbitrary: fc.tuple(inner, one(['and', 'or']), inner).map(([left, word, right]) => `(${left}) ${word} (${right})`) },
        { weight: 2, arbitrary: inner.map((text) => `not (${text})`) },
        fc.tuple(inner, one(['eq', 'ne']), one(['true', 'false', 'null'])).map(([text, word, value]) => `(${text}) ${word} ${value}`),
        fc.tuple(one(['true', 'null']), one(['eq', 'ne']), inner).map(([value, word, text]) => `${value} ${word} (${text})`),
        fc.tuple(inner, one(['eq', 'ne']), inner).map(([left, word, right]) => `(${left}) ${word} (${right})`),
        ...(variables.length < 2 ? [{ weight: 4, arbitrary: this.#lambda(depth - 1, variables) }] : []),
      )
    })
  }

  #lambda(depth: number, variables: Variables): fc.Arbitrary<string> {
    const name = `v${variables.length}`
    const over = (path: string, members: readonly string[] | undefined) =>
      fc
        .tuple(one(['any', 'all']), this.condition(depth, [...variables, { name, members }]))
        .map(([word, inner]) => `${path}/${word}(${name}:${inner})`)
    return fc.oneof(
      ...this.#members.collections.map((path) => over(path, undefined)),
      ...this.#members.ofStructures.map(([path, members]) => over(path, members)),
      one(this.#members.collections).map((path) => `${path}/any()`),
    )
  }

  #tests(variables: Variables): readonly fc.Arbitrary<string>[] {
    const { flags, enums, structures } = this.#members
    const [text, other] = [this.text(2, variables), this.text(1, variables)]
    const call = (name: string) => fc.tuple(text, other).map(([whole, part]) => `${name}(${whole},${part})`)
    const member = one(this.#textMembers(variables))
    const started = fc.tuple(member, literal).map(([whole, part]) => `startswith(${whole},${part})`)
    return [
      ...[call('startswith'), call('endswith'), call('contains'), started],
      one([
        ...flags,
        ...flags.flatMap((flag) => [`${flag} eq true`, `${flag} ne null`, `false eq ${flag}`, `not ${flag}`]),
        'true',
        'null',
      ]),
      ...(enums.length > 0 ? [one(enums)] : []),
      ...(structures.length > 0 ? [fc.tuple(one(structures), one(['eq', 'ne'])).map(([path, word]) => `${path} ${word} null`)] : []),
    ]
  }

  #comparisons(variables: Variables): readonly fc.Arbitrary<string>[] {
    const { instants, collections } = this.#members
    const between = (left: fc.Arbitrary<string>, right: fc.Arbitrary<string>) =>
      fc.tuple(left, comparison, right, fc.boolean()).map(([a, word, b, turned]) => (turned ? `${b} ${word} ${a}` : `${a} ${word} ${b}`))
    const among = (term: fc.Arbitrary<string>, values: fc.Arbitrary<string>) =>
      fc.tuple(term, fc.array(values, { maxLength: 4 })).map(([a, list]) => `${a} in (${list.join(',')})`)
    const member = one(this.#textMembers(variables))
    const [text, number, instant] = [this.text(2, variables), this.number(variables), one(instants)]
    return [
      ...[
        between(member, literal),
        between(member, literal),
        between(text, this.text(1, variables)),
        among(member, literal),
        among(text, literal),
      ],
      ...[between(number, numberLiteral), between(number, number), among(number, numberLiteral)],
      ...[
        between(instant, instantLiteral),
        between(instant, instant),
        among(
          instant,
          instantLiteral.filter((text) => !/^\d{4}-\d\d-\d\d$/.test(text)),
        ),
      ],
      ...[
        between(
          instant.map((path) => `date(${path})`),
          dayLiteral,
        ),
        between(
          instant.map((path) => `time(${path})`),
          clockLiteral,
        ),
      ],
      fc.tuple(one(collections), comparison, whole).map(([path, word, count]) => `${path}/$count ${word} ${count}`),
    ]
  }

  #textMembers(variables: Variables): readonly string[] {
    const elements = variables.flatMap(({ name, members }) =>
      members === undefined ? [name] : members.map((member) => `${name}/${member}`),
    )
    // An element as often as all members together.
    return [
      ...this.#members.texts,
      ...Array.from({ length: elements.length > 0 ? 8 : 0 }, (_, index) => elements[index % elements.length] ?? ''),
    ]
  }

  text(depth: number, variables: Variables): fc.Arbitrary<string> {
    return this.#once(`text${depth}`, variables, () => {
      const member = one(this.#textMembers(variables))
      if (depth === 0) return fc.oneof({ weight: 3, arbitrary: member }, literal)
      const [inner, piece] = [this.text(depth - 1, variables), this.text(0, variables)]
      const place = fc.oneof(
        whole,
        piece.map((text) => `length(${text})`),
        fc.tuple(piece, piece).map((both) => `indexof(${both.join(',')})`),
      )
      return fc.oneof(
        { weight: 4, arbitrary: member },
        { weight: 2, arbitrary: literal },
        fc.tuple(one(['tolower', 'toupper', 'trim', 'trim']), inner).map(([name, text]) => `${name}(${text})`),
        fc.tuple(inner, inner).map((both) => `concat(${both.join(',')})`),
        fc.tuple(inner, place).map(([text, at]) => `substring(${text},${at})`),
        fc.tuple(inner, place, place).map((all) => `substring(${all.join(',')})`),
      )
    })
  }

  number(variables: Variables): fc.Arbitrary<string> {
    return this.#once('number', variables, () => {
      const { numbers, collections, instants } = this.#members
      const text = this.text(1, variables)
      return fc.oneof(
        text.map((inner) => `length(${inner})`),
        fc.tuple(text, text).map((both) => `indexof(${both.join(',')})`),
        fc
          .tuple(one(['year', 'month', 'day', 'hour', 'minute', 'second', 'fractionalseconds']), one([...instants, 'now()', 'null']))
          .map(([name, path]) => `${name}(${path})`),
        fc.tuple(one(['hour', 'minute', 'second', 'fractionalseconds']), one(instants)).map(([name, path]) => `${name}(time(${path}))`),
        fc.tuple(one(['year', 'month', 'day']), one(instants)).map(([name, path]) => `${name}(date(${path}))`),
        one(collections).map((path) => `${path}/$count`),
        ...(numbers.length > 0 ? [{ weight: 3, arbitrary: one(numbers) }] : []),
      )
    })
  }

  key(): fc.Arbitrary<string> {
    const { texts, flags, instants, enumMembers } = this.#members
    return fc.oneof(
      { weight: 4, arbitrary: one([...texts, ...flags, ...instants, ...enumMembers]) },
      { weight: 2, arbitrary: this.number([]) },
      fc.tuple(one(['date', 'time']), one(instants)).map(([name, path]) => `${name}(${path})`),
      one(texts).chain((path) =>
        one([`trim(${path})`, `substring(${path},1)`, `concat(${path},'a')`, `tolower(${path})`, `toupper(${path})`]),
      ),
      this.condition(1, []).filter((text) => text !== 'null'),
    )
  }

  #once(name: string, variables: Variables, make: () => fc.Arbitrary<string>): fc.Arbitrary<string> {
    const key = JSON.stringify([name, variables])
    const made = this.#made.get(key) ?? make()
    this.#made.set(key, made)
    return made
  }
}

export function someFilter(members: Members): fc.Arbitrary<string> {
  return new Expressions(members).condition(3, [])
}

export function someOrder(members: Members): fc.Arbitrary<string> {
  // A function of null is null of all items, which is no order.
  const known = new Expressions(members).key().filter((text) => !/\bnull\b/.test(text))
  const key = fc.tuple(known, one(['', ' asc', ' desc', ' desc'])).map((parts) => parts.join(''))
  return fc.array(key, { minLength: 1, maxLength: 3 }).map((keys) => keys.join(','))
}

export function someSearch({ searched }: Members): fc.Arbitrary<string> {
  const said = nastyTexts.filter((text) => text.trim() !== '' && !text.includes('"') && !text.includes('\\'))
  const term = fc.oneof(
    one(said).map((text) => `"${text}"`),
    fc.tuple(one(searched), one(said)).map(([name, text]) => `"${name}:${text}"`),
    one(['a', 'ab', 'A', 'straße', '中', '100']),
  )
  return fc
    .array(fc.tuple(one(['', 'NOT ']), term, one([' AND ', ' OR ', ' '])), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.map(([not, text], index) => `${not}${text}${index < parts.length - 1 ? (parts[index]?.[2] ?? '') : ''}`).join(''))
}
