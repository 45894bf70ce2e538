/** Binds `$search` to the items of a type. OData leaves the meaning of a match to the service (part 1, section 11.2.6.6). */

import { isSameName } from '../../model/text.ts'
import type { Name, SearchExpression, SearchText } from '../grammar/syntax.ts'
import type { Condition, Constant, Member, Term } from './condition.ts'
import { refusal, resolve, type Scope } from './scope.ts'

/** Each is looked for in every searched member, twice. */
const mostTerms = 64

/**
 * A term is found where a searched member, or a word in it, begins with it. `"displayName:kim"` looks into one member,
 * as Graph's directory has it. Throws `queryInvalid` with the place.
 */
export function bindSearch(scope: Scope, searched: readonly string[], tree: SearchExpression): Condition {
  const beyond = termsOf(tree)[mostTerms]
  if (beyond !== undefined) throw refusal(scope, beyond, `expected at most ${mostTerms} words or phrases.`)
  return bind(scope, searched, tree)
}

function termsOf(tree: SearchExpression): readonly SearchText[] {
  switch (tree.kind) {
    case 'and':
    case 'or':
      return chainOf(tree, tree.kind).flatMap(termsOf)
    case 'not':
      return termsOf(tree.operand)
    default:
      return [tree as SearchText] // SearchText has several kinds, by which TypeScript does not tell it apart
  }
}

function bind(scope: Scope, searched: readonly string[], tree: SearchExpression): Condition {
  switch (tree.kind) {
    case 'and':
    case 'or':
      return { kind: tree.kind, conditions: chainOf(tree, tree.kind).map((part) => bind(scope, searched, part)) }
    case 'not':
      return { kind: 'not', condition: bind(scope, searched, tree.operand) }
    default:
      return found(scope, searched, tree)
  }
}

/** The parts of a chain such as `a OR b OR c`, which leans to the left. */
function chainOf(tree: SearchExpression, kind: 'and' | 'or'): readonly SearchExpression[] {
  const parts: SearchExpression[] = []
  let rest = tree
  while (rest.kind === kind) {
    parts.push(rest.right)
    rest = rest.left
  }
  return [...parts, rest].reverse()
}

function found(scope: Scope, searched: readonly string[], tree: SearchText): Condition {
  const [, name, rest] = /^(\w+):(.*)$/s.exec(tree.text) ?? []
  if (name === undefined || rest === undefined)
    return { kind: 'or', conditions: searched.flatMap((member) => begins(memberOf(scope, tree, member), tree.text)) }
  const declared = searched.find((member) => isSameName(member, name))
  if (declared === undefined) throw refusal(scope, tree, `expected one of ${searched.join(', ')} in front of the colon.`)
  return { kind: 'or', conditions: begins(memberOf(scope, tree, declared), rest) }
}

function memberOf(scope: Scope, { at, end }: SearchText, name: string): Member {
  const segment: Name = { kind: 'name', name, at, end }
  return resolve(scope, { kind: 'path', root: undefined, segments: [segment], at, end }).member
}

/** Where there is no such member, it is not found there: never null, so that NOT finds those without it. */
function begins(member: Member, text: string): readonly Condition[] {
  const part = (value: string): Constant => ({ term: 'constant', kind: 'text', value })
  const test = (kind: 'startswith' | 'contains', piece: Term): Condition => ({
    kind: 'is',
    condition: { kind, text: member, part: piece },
    value: true,
  })
  return [test('startswith', part(text)), test('contains', part(` ${text}`))]
}
