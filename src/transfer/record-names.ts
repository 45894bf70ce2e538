/** Graph's names in records: of types in place of our kinds, and of their members. What Graph itself says can be imported so. */

import { invalidMember } from '../errors.ts'
import type { Json, JsonObject } from '../odata/json/text.ts'

interface GraphName {
  readonly type: string
  /**
   * Members that Graph calls otherwise than the kind does, in lower case; undefined for those that say nothing, and that the kind
   * has no place for.
   */
  readonly members?: Readonly<Record<string, string | undefined>>
}

// biome-ignore format: a table of facts, aligned by hand
const graphNames: Readonly<Record<string, GraphName>> = {
  tenant:             { type: 'organization' },
  user:               { type: 'user' },
  administrativeUnit: { type: 'administrativeUnit' },
  group:              { type: 'group' },
  role:               { type: 'unifiedRoleAssignment', members: { principalid: 'userId', roledefinitionid: 'role', id: undefined } },
  emailMethodPolicy:  { type: 'emailAuthenticationMethodConfiguration' },
  email:              { type: 'itemEmail' },
  emailMethod:        { type: 'emailAuthenticationMethod', members: { id: undefined } },
}

const kindsByType = new Map(Object.entries(graphNames).map(([kind, { type }]) => [type.toLowerCase(), kind]))

/**
 * A record in the kinds' own names: `kind` is one of them, or what was given where it names nothing. Throws `bodyInvalid` with
 * `target` where two members say different things.
 */
export function toOwnNames(json: JsonObject): JsonObject {
  const { kind, '@odata.type': odataType = json['@type'] } = json
  const own = kindOf(kind ?? odataType)
  if (typeof own !== 'string' || !isString(odataType)) return json
  const names = Object.hasOwn(graphNames, own) ? graphNames[own] : undefined
  if (odataType === undefined && own === kind && !isIn(json, names)) return json
  if (odataType !== undefined && kindOf(odataType) !== own) throw invalidMember('@odata.type', 'It says another type than kind does.')
  const { '@odata.type': _, '@type': __, kind: ___, ...given } = json
  return { kind: own, ...renamed(given, names) }
}

/** Absent, or a text. */
function isString(name: Json | undefined): boolean {
  return name === undefined || typeof name === 'string'
}

function isIn(json: JsonObject, { members }: GraphName = { type: '' }): boolean {
  return members !== undefined && Object.keys(json).some((name) => Object.hasOwn(members, name.toLowerCase()))
}

/** `#microsoft.graph.itemEmail`, `itemEmail` and `email` are the kind `email`. */
function kindOf(name: Json | undefined): Json | undefined {
  if (typeof name !== 'string' || Object.hasOwn(graphNames, name)) return name
  const type = name.replace(/^#?microsoft\.graph\./i, '')
  return Object.hasOwn(graphNames, type) ? type : (kindsByType.get(type.toLowerCase()) ?? name)
}

function renamed(given: JsonObject, { members = {} }: GraphName = { type: '' }): JsonObject {
  const entries: [string, Json][] = []
  for (const [name, value] of Object.entries(given)) {
    const isGraphs = Object.hasOwn(members, name.toLowerCase())
    const own = isGraphs ? members[name.toLowerCase()] : name
    if (own === undefined) continue
    if (isGraphs && Object.keys(given).some((other) => other.toLowerCase() === own.toLowerCase()))
      throw invalidMember(name, `It is the same member as ${own}: give one of them.`)
    entries.push([own, value])
  }
  return Object.fromEntries(entries)
}
