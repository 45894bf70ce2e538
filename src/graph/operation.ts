/** The types of resources and operations: the form of the tables in this folder. */

import type { Sql } from 'sql-template-tag'
import type { App } from '../app.ts'
import type { Grant, GroupGrant, PersonGrant, TenantGrant } from '../auth/grant.ts'
import type { GroupNeeds, Needs, PersonNeeds, TenantNeeds } from '../auth/needs.ts'
import { GraphError, type Workload } from '../errors.ts'
import type { Asker } from '../model/asker.ts'
import type { Changes, EntityType } from '../model/edm.ts'
import type { CheckPreconditions } from '../odata/json/etags.ts'
import type { Item } from '../odata/json/render.ts'
import type { Query, QueryOption } from '../odata/query/query.ts'
import type { PagePosition } from '../odata/query/skiptoken.ts'
import { namesOf } from '../odata/service/service-description.ts'
import type { PathKind, Routable } from '../odata/url/path.ts'
import type { Bindings, Reference } from '../odata/url/reference.ts'
import type { Readable, Source, Transaction } from '../store/database.ts'
import type { Touched } from '../store/person-memory.ts'

export type Version = 'v1.0' | 'beta'
export type Verb = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

/** The part of the program that operations get. They read the database freely, and write only through their context. */
export interface OperationServices extends Omit<App, 'database'> {
  readonly database: Readable
}

/**
 * The two ways to change data. Both depend on the caller's permission as it is when the change is made, and append the rows that
 * go with the write.
 */
export interface Writes {
  /**
   * As Database.write. The transaction begins with the whole decision of authorize, on the rows as the transaction sees them,
   * and throws what authorize would. An operation that is refused must throw, or change no row.
   */
  write<T>(touched: Touched, work: (transaction: Transaction) => Promise<T>): Promise<T>
  /**
   * A change by one statement; answers with the plan's result, or undefined where no row was changed. The plan is made on committed
   * data first, and its statement executed under the condition that the permission still holds: one crossing to the database. Where
   * that changes nothing, or the plan throws, all is done again as by `write`, with a plan made in the transaction, which says why;
   * unless the plan read nothing and the permission holds still, so that the statement itself refuses.
   */
  change<T>(touched: Touched, plan: ChangePlan<T>): Promise<T | undefined>
}

/** Reads what a change needs, and answers with the change. Throws where it is refused. */
export type ChangePlan<T> = (source: Source) => PlannedChange<T> | Promise<PlannedChange<T>>

export interface PlannedChange<T> {
  /** Must change nothing where the condition is false, or where anything that the plan read is no longer so. */
  readonly statement: (condition: Sql) => Sql
  /** The result of the operation once the statement has changed a row. */
  readonly result: T
}
/** The input of an operation: everything that was checked before it runs. */
export interface Context<G extends Grant, T extends EntityType> extends Writes {
  readonly app: OperationServices
  readonly grant: G
  /** The client that it is done for. */
  readonly asker: Asker
  readonly query: Query
  /** Members that the client sent, checked against the type; empty where the operation takes no body. */
  readonly body: Changes<T>
  /** The target of the reference in the body, where the operation takes one. */
  readonly reference: Reference | undefined
  /** The references that the body binds, where the operation `binds`. */
  readonly bindings: Bindings
  /** Keys of the path; `user` is filled in for `/me`. */
  readonly keys: Readonly<Record<string, string>>
  /** Items a page holds at most. */
  readonly pageSize: number
  /**
   * Every operation that changes an item or a single entity calls this, inside the transaction and before anything is
   * changed for good, with a function that finds the state of what is there. Throws `preconditionFailed`.
   */
  readonly checkPreconditions: CheckPreconditions
}

export type PersonContext<T extends EntityType> = Context<PersonGrant, T>
export type TenantContext<T extends EntityType> = Context<TenantGrant, T>
export type GroupContext<T extends EntityType> = Context<GroupGrant, T>

export interface Page {
  readonly items: readonly Item[]
  /** How many there are on all pages; asked for by `$count`. */
  readonly count?: number | undefined
  /** Where a page would begin behind each of the items; absent where none is ever ended early. */
  readonly positions?: readonly PagePosition[]
  /** Sort keys of the last item, where there are more. */
  readonly after?: PagePosition | undefined
}

type Outcome<C> =
  /** `remembered`: one's own first page is kept as it went out, until something of that person changes. */
  | { readonly answers: 'page'; readonly remembered?: true; run(context: C): Promise<Page> }
  | { readonly answers: 'count'; run(context: C): Promise<number> }
  | { readonly answers: 'entity'; run(context: C): Promise<Item> }
  /** The reference to an item: only where it is. */
  | { readonly answers: 'reference'; run(context: C): Promise<Item> }
  /** 201, or 204 where the client prefers it; `saysType`: with `@odata.type` even under minimal metadata; `binds`: navigation properties that the body may bind. */
  | {
      readonly answers: 'created'
      readonly takes: 'body'
      readonly saysType?: true
      readonly binds?: readonly string[]
      run(context: C): Promise<Item>
    }
  /** 200 with the entity or 204, by version, unless the client prefers one. */
  | {
      readonly answers: 'updated'
      readonly takes: 'body' | 'typedBody'
      readonly status: Readonly<Record<Version, 200 | 204>>
      run(context: C): Promise<Item>
    }
  | { readonly answers: 'nothing'; run(context: C): Promise<void> }
  /** 204 as well; the body is `{"@odata.id": "…"}`. */
  | { readonly answers: 'nothing'; readonly takes: 'reference'; run(context: C): Promise<void> }

interface Row<N extends Needs> {
  readonly verb: Verb
  readonly on: PathKind
  /** Compulsory: who may do it. */
  readonly needs: N
  /** Query options that it takes; all others are refused. */
  readonly query?: readonly QueryOption[]
  /** A header that the client must send for Graph's directory to answer. */
  readonly consistency?: 'eventual'
}

export type PersonOperation<T extends EntityType> = Row<PersonNeeds> & Outcome<PersonContext<T>>
export type TenantOperation<T extends EntityType> = Row<TenantNeeds> & Outcome<TenantContext<T>>
export type GroupOperation<T extends EntityType> = Row<GroupNeeds> & Outcome<GroupContext<T>>
/** Any operation, as the life of a request sees it: the grant's kind follows from `needs.on`. */
export type Operation = Row<Needs> & Outcome<Context<Grant, EntityType>>

export interface Resource<T extends EntityType = EntityType> extends Routable {
  /** Type of the items, or of the single thing: what bodies are read as. */
  readonly type: T
  /** The type that the model declares, where it is a base of `type`: answers then say which type they are. */
  readonly declaredType?: EntityType
  readonly workload: Workload
  /** `beta`: under /v1.0 with `SELFGRAPH_PROFILE_IN_V1=1` only. */
  readonly versions: 'both' | 'beta'
  /** The names that `$expand` takes: navigation properties whose paths are served. */
  readonly expandable?: readonly string[]
  /** Members that `$search` looks into. */
  readonly searched?: readonly string[]
  /** The path in context URLs where Graph's differs from the canonical one. */
  readonly contextPath?: string
  readonly operations: Readonly<Record<string, PersonOperation<T> | TenantOperation<T> | GroupOperation<T>>>
}

/** The name of an operation: its key in the table of the resource behind the names of the path, as the id in OpenAPI. */
export function operationName(path: string, key: string): string {
  return [...namesOf(path), key].join('.')
}

/** Whether `If-Match` and `If-None-Match` speak of what the operation is on: one thing, which is there. */
export function isConditional({ on }: Pick<Operation, 'on'>): boolean {
  return on === 'item' || on === 'single' || on === 'itemRef'
}

/** Items on a page where the client names no size. */
export const usualPageSize = 100

export const readOptions = ['select', 'format'] as const satisfies readonly QueryOption[]
export const listOptions = ['select', 'top', 'skip', 'count', 'skiptoken', 'format'] as const satisfies readonly QueryOption[]
/** The options of collections that can be filtered, sorted and searched. */
export const queryOptions = [...listOptions, 'filter', 'orderby', 'search'] as const satisfies readonly QueryOption[]
export const countOptions = ['filter', 'search'] as const satisfies readonly QueryOption[]

/** The place that a token names, where it is one of `length` texts. Throws where the token came from another collection. */
export function textsOf(after: PagePosition | undefined, length: number): readonly string[] | undefined {
  if (after === undefined) return undefined
  const texts = after.filter((part) => typeof part === 'string')
  if (texts.length !== length || after.length !== length) throw otherCollection()
  return texts
}

export function otherCollection(): GraphError {
  return new GraphError('queryInvalid', { target: '$skiptoken', message: 'This token belongs to another collection.' })
}

/** Characters of the records on a page: a page ends before the record that would be too much, and the next one begins with it. */
export const longestPage = 4 * 1024 * 1024

/** Takes one item more than a page holds and tells whether it was there. `recordOf`: what of an item is stored as text. */
export function pageOf<R>(
  rows: readonly R[],
  pageSize: number,
  recordOf: (row: R) => string | null = () => null,
): { readonly rows: readonly R[]; readonly last: R | undefined } {
  let [end, characters] = [0, 0]
  for (const row of rows.slice(0, pageSize)) {
    characters += recordOf(row)?.length ?? 0
    if (characters > longestPage && end > 0) break
    end++
  }
  return rows.length > end ? { rows: rows.slice(0, end), last: rows[end - 1] } : { rows, last: undefined }
}
