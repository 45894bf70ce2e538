/**
 * The vocabulary in which the types of the API are described, and the TypeScript types that follow from a
 * description. Data only: nothing here knows JSON, SQL or HTTP. Names are those of OData's CSDL 4.01.
 */

/** The primitive types that the served resources use, and what holds such a value in TypeScript. */
export interface Primitives {
  'Edm.String': string
  'Edm.Boolean': boolean
  'Edm.Double': number
  'Edm.Int32': number
  /** ISO 8601 in UTC with `Z` and at most seven fraction digits. */
  'Edm.DateTimeOffset': string
}

export type PrimitiveName = keyof Primitives

export interface Property {
  readonly type: PrimitiveName | EnumType | ComplexType
  readonly collection?: true
  /** As in CSDL a member may be null unless it says `false`. */
  readonly nullable?: false
  /** Set by the server; a value in a request body is ignored (OData JSON 4.01 on computed properties). */
  readonly readOnly?: true
  /** Left out of an answer unless `$select` names it. */
  readonly onSelect?: true
  /** Taken from a client and never told: answered as null whatever is stored. */
  readonly writeOnly?: true
  /** The value where a client sends none. */
  readonly fallback?: boolean
  readonly format?: 'email'
  /** UTF-16 code units of a text, or of each text in a collection. Every text has one: a test says so. */
  readonly maxLength?: number
  /** Members of a collection. Every collection has one. */
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
}

export type Properties = Readonly<Record<string, Property>>

/** Limit for members that an open type does not declare, at any depth. Graph's figure for a text in an extension. */
export const openMembers = { maxLength: 256, maxItems: 100 } as const

export interface NavigationProperty {
  /** Unqualified name of the entity type it leads to. */
  readonly type: string
  readonly collection: boolean
  /** The target is contained in the entity (OData containment). */
  readonly containsTarget: boolean
}

export interface EnumType {
  readonly kind: 'enum'
  readonly name: string
  readonly members: Readonly<Record<string, number>>
  readonly flags: boolean
}

export interface ComplexType {
  readonly kind: 'complex'
  readonly name: string
  readonly properties: Properties
  /** Members that are not declared are welcome (CSDL `OpenType`). */
  readonly open: boolean
}

export interface EntityType {
  readonly kind: 'entity'
  readonly name: string
  readonly base: EntityType | undefined
  readonly abstract: boolean
  readonly open: boolean
  /** Own properties only; `propertiesOf` adds the inherited ones. */
  readonly properties: Properties
  readonly navigation: Readonly<Record<string, NavigationProperty>>
}

export type StructuredType = ComplexType | EntityType

export const enumType = <const M extends Readonly<Record<string, number>>>(name: string, members: M) =>
  ({ kind: 'enum', name, members, flags: false }) as const

/** An enumeration whose values combine; on the wire the names are joined by commas. */
export const flagsType = <const M extends Readonly<Record<string, number>>>(name: string, members: M) =>
  ({ kind: 'enum', name, members, flags: true }) as const

export const complexType = <const P extends Properties>(name: string, properties: P, { open = false } = {}) =>
  ({ kind: 'complex', name, properties, open }) as const

interface EntityOptions<B extends EntityType | undefined> {
  readonly base?: B
  readonly abstract?: true
  readonly open?: true
  readonly navigation?: Readonly<Record<string, NavigationProperty>>
}

export const entityType = <const P extends Properties, const B extends EntityType | undefined = undefined>(
  name: string,
  properties: P,
  options: EntityOptions<B> = {},
) =>
  ({
    kind: 'entity',
    name,
    base: options.base as B, // an absent base is `undefined`, which is what B then is
    abstract: options.abstract ?? false,
    open: options.open ?? false,
    properties,
    navigation: options.navigation ?? {},
  }) as const

type Flatten<T> = { [K in keyof T]: T[K] }

type AllProperties<T> = T extends { properties: infer P; base: infer B }
  ? P & (B extends EntityType ? AllProperties<B> : unknown)
  : T extends { properties: infer P }
    ? P
    : never

type Single<P extends Property> = P['type'] extends PrimitiveName
  ? Primitives[P['type']]
  : P['type'] extends { kind: 'enum'; flags: true }
    ? string
    : P['type'] extends { kind: 'enum'; members: infer M }
      ? keyof M & string
      : P['type'] extends ComplexType
        ? Flatten<Structured<P['type']>>
        : never

type Many<P extends Property> = P extends { collection: true } ? readonly Single<P>[] : Single<P>

type ValueOf<P> = P extends Property ? (P extends { nullable: false } ? Many<P> : Many<P> | null) : never

type Structured<T> = { -readonly [K in keyof AllProperties<T>]: ValueOf<AllProperties<T>[K]> }

/** An entity as the server stores and returns it: every declared member, inherited ones included. */
export type Entity<T extends StructuredType> = T extends { properties: infer P }
  ? string extends keyof P
    ? AnyRecord
    : Flatten<Structured<T>>
  : never

/** An entity as a client may send it: the declared members less the read-only ones, each of them optional. */
export type Changes<T extends StructuredType> = T extends { properties: infer P }
  ? string extends keyof P
    ? AnyRecord
    : Flatten<Sendable<T>>
  : never

type Sendable<T> = {
  -readonly [K in keyof AllProperties<T> as AllProperties<T>[K] extends { readOnly: true } ? never : K]?: ValueOf<AllProperties<T>[K]>
}

/** A record of a type that is known at run time only. */
type AnyRecord = Record<string, unknown>

const flattened = new WeakMap<StructuredType, Properties>()

/** All properties of a type, those of its base first: the order in which they are answered. */
export function propertiesOf(type: StructuredType): Properties {
  const known = flattened.get(type)
  if (known !== undefined) return known
  const inherited = type.kind === 'entity' && type.base !== undefined ? propertiesOf(type.base) : {}
  const all = { ...inherited, ...type.properties }
  flattened.set(type, all)
  return all
}
