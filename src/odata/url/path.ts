/**
 * Paths against the resources that are served. Names are matched without regard to case, keys are taken as they
 * are, as a segment (`/users/x`) or in parentheses (`/users('x')`). No I/O; knows no resource by name but `me`.
 */

import { GraphError } from '../../errors.ts'
import type { Segments } from '../../model/not-served.ts'
import { printable } from '../json/text.ts'

/** The parts of a resource that a path can lead to. `item` is one of a collection, `single` stands alone; `ref` and `itemRef` are `$ref` below those. */
export type PathKind = 'collection' | 'item' | 'single' | 'count' | 'ref' | 'itemRef'

/** How each kind of path is written behind a resource's path; `{key}` is the name of the items' key. */
export const suffixes: Readonly<Record<PathKind, string>> = {
  collection: '',
  single: '',
  item: '/{key}',
  count: '/$count',
  ref: '/$ref',
  itemRef: '/{key}/$ref',
}

/** The facts of a resource that the router needs. */
export interface Routable {
  /** Template such as `/users/{user}/profile/emails`. Of a collection: without the key of its items. */
  readonly path: string
  /** Name of the items' key, for a collection. */
  readonly key?: string
}

export interface Routed<R> {
  readonly resource: R
  readonly pathKind: PathKind
  /** Keys by the names in the template, decoded. `me` leaves `user` out. */
  readonly keys: Readonly<Record<string, string>>
  /** The path spoke of `me`. */
  readonly me: boolean
}

interface Node<R> {
  readonly children: Map<string, Node<R>>
  key?: { readonly name: string; readonly node: Node<R> }
  end?: { readonly resource: R; readonly pathKind: PathKind }
  /** Known segments here that this service does not serve. */
  readonly segments: Segments | undefined
  readonly template: string
}

export interface Router<R> {
  /**
   * `path` is what follows the version, undecoded, beginning with `/`; `reads`: the verb is GET. Throws `pathInvalid`,
   * `segmentUnknown`, `notImplemented` for what OData or the service's model knows and is not served, and `notFound` for
   * what is read and nobody has.
   */
  route(path: string, reads?: boolean): Routed<R>
}

const selfKey = /^(me-token-to-replace|TokenToReplace)$/i

/** The canonical path of what `template` and `keys` name, without a leading slash: `users('x')/profile/emails`. */
export function canonicalPath(template: string, keys: Readonly<Record<string, string>>): string {
  let path = ''
  for (const part of template.split('/')) {
    if (part.startsWith('{')) path += `('${encodeURIComponent((keys[part.slice(1, -1)] ?? '').replaceAll("'", "''"))}')`
    else if (part !== '') path += path === '' ? part : `/${part}`
  }
  return path
}

const rememberedPaths = 1000

type SegmentsByPath = ReadonlyMap<string, Segments>

/** A router over `resources`. `/me` stands for `/users/{user}` with the caller's own key. `besides`: by path template. */
export function createRouter<R extends Routable>(resources: readonly R[], besides: SegmentsByPath = new Map()): Router<R> {
  const root: Node<R> = { children: new Map(), template: '', segments: besides.get('') }
  for (const resource of resources) plant(root, resource, besides)
  const person = root.children.get('users')?.key?.node
  if (person !== undefined) root.children.set('me', person)
  const known = new Map<string, Routed<R>>()
  return {
    route: (path, reads = true) => {
      const before = known.get(path)
      if (before !== undefined) return before
      const routed = follow(root, path, reads)
      // Paths without a key are few, and asked for most.
      if (Object.keys(routed.keys).length === 0 && known.size < rememberedPaths) known.set(path, routed)
      return routed
    },
  }
}

function plant<R extends Routable>(root: Node<R>, resource: R, besides: SegmentsByPath): void {
  let node = root
  for (const part of resource.path.split('/').slice(1))
    node = part.startsWith('{') ? keyOf(node, part.slice(1, -1), besides) : child(node, part, besides)
  if (resource.key === undefined) {
    node.end = { resource, pathKind: 'single' }
    return
  }
  node.end = { resource, pathKind: 'collection' }
  child(node, '$count', besides).end = { resource, pathKind: 'count' }
  child(node, '$ref', besides).end = { resource, pathKind: 'ref' }
  const item = keyOf(node, resource.key, besides)
  item.end = { resource, pathKind: 'item' }
  child(item, '$ref', besides).end = { resource, pathKind: 'itemRef' }
}

function child<R>(node: Node<R>, name: string, besides: SegmentsByPath): Node<R> {
  const known = node.children.get(name.toLowerCase())
  if (known !== undefined) return known
  const template = `${node.template}/${name}`
  const made: Node<R> = { children: new Map(), template, segments: besides.get(template) }
  node.children.set(name.toLowerCase(), made)
  return made
}

function keyOf<R>(node: Node<R>, name: string, besides: SegmentsByPath): Node<R> {
  const template = `${node.template}/{${name}}`
  node.key ??= { name, node: { children: new Map(), template, segments: besides.get(template) } }
  return node.key.node
}

function follow<R>(root: Node<R>, path: string, reads: boolean): Routed<R> {
  const segments = path.split('/')
  if (segments.at(-1) === '') segments.pop()
  const keys: Record<string, string> = {}
  let me = false
  let node = root
  for (let index = 1; index < segments.length; index++) {
    const segment = decode(segments[index] ?? '')
    refuseReserved(node, segment, reads)
    const parts = splitKey(segment)
    const next = node.children.get(parts.name.toLowerCase())
    if (next !== undefined) {
      if (node === root && parts.name.toLowerCase() === 'me') me = true
      node = next
    } else if (node.key !== undefined && isKeySegment(segment)) {
      parts.key = segment
    } else {
      throw unknownSegment(segment)
    }
    if (parts.key === undefined) continue
    const { key } = node
    if (key === undefined) throw unknownSegment(segment)
    if (key.name === 'user' && selfKey.test(parts.key)) me = true
    else keys[key.name] = parts.key
    node = key.node
  }
  if (node.end !== undefined) return { ...node.end, keys, me }
  const last = decode(segments.at(-1) ?? '')
  throw node !== root && node.segments !== undefined ? unservedSegment(last) : unknownSegment(last)
}

/** Where OData's own segments can stand (OData 4.01 URL Conventions, section 4). */
const systemSegments: Readonly<Record<string, readonly ('root' | 'collection' | 'entity')[]>> = {
  $all: ['root'],
  $crossjoin: ['root'],
  $each: ['collection'],
  $entity: ['root'],
  $filter: ['collection'],
  $query: ['collection', 'entity'],
  $ref: ['entity'],
  $root: ['root'],
  $value: ['entity'],
}

const longestReserved = 64
/** A type, or a function by its qualified name. */
const qualifiedName = /^(?:microsoft\.)?graph\.[a-z]\w*$/

/** Refuses names that are no keys although they stand where a key could: those of OData and of the model that are not served. */
function refuseReserved<R>({ children, segments, template, end }: Node<R>, segment: string, reads: boolean): void {
  const bracket = segment.indexOf('(')
  const written = bracket < 0 ? segment : segment.slice(0, bracket)
  if (written.length > longestReserved) return
  const name = written.toLowerCase()
  if (children.has(name)) return
  if (segments?.empty.has(name) === true && reads)
    throw new GraphError('notFound', { message: `Nobody has anything under '${printable(written)}' here.`, target: printable(written) })
  const after = template === '' ? 'root' : end?.pathKind === 'collection' ? 'collection' : 'entity'
  const isReserved =
    segments?.known.has(name) === true ||
    segments?.empty.has(name) === true ||
    (Object.hasOwn(systemSegments, name) && systemSegments[name]?.includes(after) === true && canBeFollowed(end?.pathKind)) ||
    (template !== '' && qualifiedName.test(name))
  if (isReserved) throw unservedSegment(written)
}

function canBeFollowed(pathKind: PathKind | undefined): boolean {
  return pathKind !== 'count' && pathKind !== 'ref' && pathKind !== 'itemRef'
}

/** `$…` belongs to OData, but for principal names that begin so. */
function isKeySegment(segment: string): boolean {
  return segment !== '' && (!segment.startsWith('$') || segment.includes('@'))
}

const inParentheses = /^([^('@]+)\((.*)\)$/s
const quotedKey = /^(?:(?:id|userPrincipalName)=)?'((?:[^']|'')*)'$/is

/** `users('x')` → name `users`, key `x`. */
function splitKey(segment: string): { name: string; key?: string } {
  const match = inParentheses.exec(segment)
  if (match === null) return { name: segment }
  const quoted = quotedKey.exec(match[2] ?? '')
  if (quoted === null)
    throw new GraphError('pathInvalid', { message: `A key in parentheses must be in single quotes: ${printable(segment)}` })
  return { name: match[1] ?? '', key: (quoted[1] ?? '').replaceAll("''", "'") }
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment
  const decoded = decodeText(segment)
  if (decoded.includes('\u0000')) throw new GraphError('pathInvalid', { message: 'The path has a NUL character.' })
  return decoded
}

function decodeText(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new GraphError('pathInvalid', { message: 'The path has a percent encoding that is no UTF-8.' })
  }
}

export function unknownSegment(segment: string): GraphError {
  return new GraphError('segmentUnknown', { message: `Resource not found for the segment '${printable(segment)}'.` })
}

/** For a segment that OData or the model of the service knows, and this server does not serve. */
export function unservedSegment(segment: string): GraphError {
  const target = printable(segment)
  return new GraphError('notImplemented', { target, message: `This server does not support '${target}' here.` })
}
