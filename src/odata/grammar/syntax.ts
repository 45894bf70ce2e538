/**
 * The trees that query options are read into: types only. Names are as the client wrote them; whether they mean
 * anything is for the reader of the tree to say. OData 4.01, part 2 (URL conventions), section 5.
 */

/** Where a node stands in the decoded text of its option: UTF-16 offsets, `end` exclusive. */
export interface Span {
  readonly at: number
  readonly end: number
}

/** The value of a literal, ready to use. `text` is the spelling to compare or print, brought into one form where several mean the same. */
export type Value =
  | { readonly type: 'null' }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'integer'; readonly text: string; readonly value: bigint }
  /** With a point or an exponent; `text` is exact, `value` the nearest finite number. */
  | { readonly type: 'decimal'; readonly text: string; readonly value: number }
  /** `INF`, `-INF`, `NaN`. */
  | { readonly type: 'double'; readonly value: number }
  /** `YYYY-MM-DD`, a day that exists. */
  | { readonly type: 'date'; readonly text: string }
  /** `HH:MM:SS`, with a fraction of up to 12 digits if there is one other than zero. */
  | { readonly type: 'timeOfDay'; readonly text: string }
  /** `text` as written, `instant` in UTC: `YYYY-MM-DDTHH:MM:SS[.fraction]Z`, no zeros at the fraction's end. */
  | { readonly type: 'dateTimeOffset'; readonly text: string; readonly instant: string }
  /** `seconds` is exact decimal text such as `-90` or `0.25`. */
  | { readonly type: 'duration'; readonly text: string; readonly seconds: string }
  /** Lower case. */
  | { readonly type: 'guid'; readonly text: string }
  | { readonly type: 'binary'; readonly bytes: Uint8Array }
  /** Members as written: names, or numbers in decimal text. */
  | { readonly type: 'enum'; readonly typeName: string; readonly members: readonly string[] }

export interface Literal extends Span {
  readonly kind: 'literal'
  readonly value: Value
}

/** `@name`: stands for the value of the option of that name. */
export interface Alias extends Span {
  readonly kind: 'alias'
  readonly name: string
}

export interface Name extends Span {
  readonly kind: 'name'
  /** Qualified if there is a dot in it: a type, or an operation. */
  readonly name: string
}

/** `@Ns.Term#qualifier` */
export interface Annotation extends Span {
  readonly kind: 'annotation'
  readonly term: string
  readonly qualifier: string | undefined
}

export interface Argument extends Span {
  readonly name: string
  readonly value: Expression
}

/** A function of the service, `Ns.Best(color='red')`; or a key of several parts, which is written alike. */
export interface Operation extends Span {
  readonly kind: 'operation'
  readonly name: string
  readonly arguments: readonly Argument[]
}

/** `('A1')` behind a name. */
export interface Key extends Span {
  readonly kind: 'key'
  readonly value: Expression
}

/** `/$count` */
export interface Count extends Span {
  readonly kind: 'count'
}

/** `/$filter(…)` */
export interface FilterSegment extends Span {
  readonly kind: 'filter'
  readonly condition: Expression
}

export type PathSegment = Name | Annotation | Operation | Key | Count | FilterSegment

/** `$it`, `$this`, `$root` or `@alias` in front of a path. A lambda's variable is no root, but the first name. */
export type PathRoot = 'it' | 'this' | 'root' | Alias

export interface Path extends Span {
  readonly kind: 'path'
  readonly root: PathRoot | undefined
  /** Empty only behind a root. */
  readonly segments: readonly PathSegment[]
}

/** `source/any(variable:condition)`; `any()` has neither variable nor condition. */
export interface Lambda extends Span {
  readonly kind: 'lambda'
  readonly operator: 'any' | 'all'
  readonly source: Path
  readonly variable: Name | undefined
  readonly condition: Expression | undefined
}

/** A function of OData itself, in lower case. The types that `cast` and `isof` take are paths of one name. */
export interface Call extends Span {
  readonly kind: 'call'
  readonly name: string
  readonly nameSpan: Span
  readonly arguments: readonly Expression[]
}

/** `case(condition:value,…)` */
export interface Case extends Span {
  readonly kind: 'case'
  readonly branches: readonly { readonly condition: Expression; readonly value: Expression }[]
}

export interface Unary extends Span {
  readonly kind: 'unary'
  readonly operator: 'not' | 'negate'
  readonly operand: Expression
}

export type BinaryOperator =
  | ('or' | 'and' | 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le' | 'has' | 'in')
  | ('add' | 'sub' | 'mul' | 'div' | 'divby' | 'mod')

/** Chains of one rank lean to the left: as deep as they are long, which the limit on nodes bounds. */
export interface Binary extends Span {
  readonly kind: 'binary'
  readonly operator: BinaryOperator
  readonly operatorSpan: Span
  readonly left: Expression
  readonly right: Expression
}

/** `('a','b')` to the right of `in`, or `["a","b"]` anywhere. */
export interface List extends Span {
  readonly kind: 'list'
  readonly form: 'parentheses' | 'array'
  readonly items: readonly Expression[]
}

/** `{"name":value}` */
export interface JsonObjectLiteral extends Span {
  readonly kind: 'object'
  readonly members: readonly { readonly name: string; readonly value: Expression }[]
}

export type Expression = Literal | Alias | Path | Lambda | Call | Case | Unary | Binary | List | JsonObjectLiteral

export interface OrderbyItem extends Span {
  readonly expression: Expression
  readonly direction: 'asc' | 'desc'
}

export interface SearchText extends Span {
  /** `incomplete`: what stood in single quotes, which a search still being typed is sent as. */
  readonly kind: 'word' | 'phrase' | 'incomplete'
  readonly text: string
}

export type SearchExpression =
  | SearchText
  | (Span & { readonly kind: 'not'; readonly operand: SearchExpression })
  | (Span & { readonly kind: 'and' | 'or'; readonly left: SearchExpression; readonly right: SearchExpression })

export interface SelectItem extends Span {
  /** `star`: `*` alone, or `Ns.*`, all operations of the namespace that `path` then holds. */
  readonly kind: 'star' | 'path'
  readonly path: readonly (Name | Annotation)[]
  /** `Best(color,size)`: the names that tell an overload. */
  readonly parameters: readonly string[] | undefined
  readonly options: NestedOptions | undefined
}

export interface ExpandItem extends Span {
  /** Up to the navigation property, types included; without the star. */
  readonly path: readonly (Name | Annotation)[]
  readonly isStar: boolean
  readonly isRef: boolean
  readonly isCount: boolean
  readonly options: NestedOptions
}

/** Options in parentheses behind an item of `$select` or `$expand`. */
export interface NestedOptions {
  readonly select?: readonly SelectItem[]
  readonly expand?: readonly ExpandItem[]
  readonly filter?: Expression
  readonly orderby?: readonly OrderbyItem[]
  readonly search?: SearchExpression
  readonly top?: number
  readonly skip?: number
  readonly count?: boolean
  readonly levels?: number | 'max'
  /** By name without `@`. */
  readonly aliases?: ReadonlyMap<string, Expression>
}

/** All options of a request. */
export interface QueryOptions extends Omit<NestedOptions, 'levels'> {
  readonly skiptoken?: string
  /** Lower case: `json`, or `application/json` with its parameters. */
  readonly format?: string
  /** Options that are not OData's: as given, decoded, in order. */
  readonly custom: readonly (readonly [name: string, value: string])[]
  /** OData's options and aliases in order: canonical name (`$filter`, `@p`), and the value as it stood in the URL. */
  readonly given: readonly (readonly [name: string, value: string])[]
}
