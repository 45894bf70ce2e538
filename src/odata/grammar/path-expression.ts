/**
 * Paths inside expressions: properties, types, keys, functions of the service, `$count`, annotations, and the lambdas
 * that end them. Part 2, sections 5.1.1.13 to 5.1.1.16.
 */

import type { ReadExpression } from './call.ts'
import type { Cursor } from './cursor.ts'
import type { Alias, Annotation, Argument, Expression, Key, Lambda, Name, Operation, Path, PathRoot, PathSegment } from './syntax.ts'

const rootWord = /\$(?:it|this|root)(?!\w)/iy
const countWord = /\$count(?!\w)/iy
const filterOpening = /\$filter\(/iy
const lambdaOpening = /(?:any|all)\(/iy

/** Reads a path, with the lambda at its end if there is one, or an alias that stands alone. */
export function readPath(cursor: Cursor, read: ReadExpression): Path | Lambda | Alias {
  const at = cursor.at
  const root = readRoot(cursor)
  if (typeof root === 'object' && cursor.here !== '/') return root
  if (root === 'root' && cursor.here !== '/') throw cursor.unexpected("'/' and a name behind $root")
  const segments: PathSegment[] = []
  while (segments.length === 0 && root === undefined ? true : cursor.take('/')) {
    const operator = cursor.look(lambdaOpening)?.slice(0, 3).toLowerCase()
    if (operator === 'any' || operator === 'all') {
      if (cursor.at === at) throw cursor.unexpected(`an expression; in front of ${operator}(…) stands a collection and '/'`)
      const source = cursor.node<Path>({ kind: 'path', root, segments, at, end: cursor.at - 1 })
      return readLambda(cursor, operator, source, read)
    }
    segments.push(...readSegments(cursor, read))
    if (segments.at(-1)?.kind === 'count') break
  }
  return cursor.node({ kind: 'path', root, segments, at, end: cursor.at })
}

function readRoot(cursor: Cursor): PathRoot | undefined {
  const word = cursor.look(rootWord)?.slice(1).toLowerCase()
  if (word === 'it' || word === 'this' || word === 'root') {
    cursor.at += word.length + 1
    return word
  }
  if (!cursor.take('@')) return undefined
  const at = cursor.at - 1
  const name = cursor.readName('the name of an alias or annotation', true)
  if (!name.includes('.') && cursor.here !== '#') return cursor.node({ kind: 'alias', name, at, end: cursor.at })
  cursor.at = at
  return undefined
}

/** One step of a path; two where a name has a key behind it. */
function readSegments(cursor: Cursor, read: ReadExpression): readonly PathSegment[] {
  const at = cursor.at
  if (cursor.here === '@') return [readAnnotation(cursor)]
  const count = cursor.look(countWord)
  if (count !== undefined) {
    cursor.at += count.length
    if (cursor.here === '(') throw cursor.unsupported('options of $count inside an expression')
    return [cursor.node({ kind: 'count', at, end: cursor.at })]
  }
  const filter = cursor.look(filterOpening)
  if (filter !== undefined) {
    cursor.at += filter.length
    cursor.skipSpace()
    const condition = read(cursor)
    cursor.skipSpace()
    cursor.expect(')')
    return [cursor.node({ kind: 'filter', condition, at, end: cursor.at })]
  }
  const name = cursor.readName(at > 0 && cursor.text[at - 1] === '/' ? 'a name' : 'an expression', true)
  if (cursor.here === '(') return readParenthesized(cursor, { name, at }, read)
  return [cursor.node({ kind: 'name', name, at, end: cursor.at })]
}

/** `@Ns.Term#qualifier` */
export function readAnnotation(cursor: Cursor): Annotation {
  const at = cursor.at
  cursor.expect('@')
  const term = cursor.readName('the name of an annotation', true)
  const qualifier = cursor.take('#') ? cursor.readName("the annotation's qualifier", false) : undefined
  return cursor.node({ kind: 'annotation', term, qualifier, at, end: cursor.at })
}

/** `name()` and `name(a=1)` are operations, `name('x')` is an item by its key. */
function readParenthesized(
  cursor: Cursor,
  { name, at }: { readonly name: string; readonly at: number },
  read: ReadExpression,
): readonly [Operation] | readonly [Name, Key] {
  const keyAt = cursor.at++
  cursor.skipSpace()
  const args: Argument[] = []
  if (cursor.here !== ')') {
    if (!isNamedArgument(cursor)) {
      const segment = cursor.node<Name>({ kind: 'name', name, at, end: keyAt })
      return [segment, readKey(cursor, name, keyAt, read)]
    }
    do args.push(readArgument(cursor, read))
    while (cursor.takeComma())
    cursor.skipSpace()
  }
  if (!cursor.take(')')) throw cursor.unexpected("',' or ')'")
  return [cursor.node({ kind: 'operation', name, arguments: args, at, end: cursor.at })]
}

function readKey(cursor: Cursor, name: string, at: number, read: ReadExpression): Key {
  const value: Expression = read(cursor)
  cursor.skipSpace()
  if (cursor.here === ',')
    throw cursor.refusalAt(at, `${name} is no function of OData; a function of the service is called with name=value.`)
  cursor.expect(')')
  return cursor.node({ kind: 'key', value, at, end: cursor.at })
}

function isNamedArgument(cursor: Cursor): boolean {
  const at = cursor.at
  cursor.at += cursor.lookIdentifier()?.length ?? 0
  const isName = cursor.at > at
  cursor.skipSpace()
  const isNamed = isName && cursor.here === '='
  cursor.at = at
  return isNamed
}

function readArgument(cursor: Cursor, read: ReadExpression): Argument {
  const at = cursor.at
  const name = cursor.readName('the name of a parameter', false)
  cursor.skipSpace()
  cursor.expect('=')
  cursor.skipSpace()
  const value = read(cursor)
  return cursor.node({ name, value, at, end: cursor.at })
}

function readLambda(cursor: Cursor, operator: 'any' | 'all', source: Path, read: ReadExpression): Lambda {
  cursor.at += 4
  cursor.skipSpace()
  let variable: Name | undefined
  let condition: Expression | undefined
  if (operator === 'all' || cursor.here !== ')') {
    const at = cursor.at
    const name = cursor.readName("the lambda's variable", false)
    variable = cursor.node({ kind: 'name', name, at, end: cursor.at })
    cursor.skipSpace()
    cursor.expect(':')
    cursor.skipSpace()
    condition = read(cursor)
    cursor.skipSpace()
  }
  cursor.expect(')')
  return cursor.node({ kind: 'lambda', operator, source, variable, condition, at: source.at, end: cursor.at })
}
