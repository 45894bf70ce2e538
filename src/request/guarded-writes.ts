/**
 * The writes of an operation. The body of a request may come late, and the caller's permission may be gone by then: so a write
 * depends on the permission as it is at the moment of the change. That lies here, in the only way to write that an operation
 * has, so that no operation can leave it out. Rows that go with a write are appended here as well.
 */

import sql, { type Sql } from 'sql-template-tag'
import type { App } from '../app.ts'
import { type AccessRequest, authorize, authorizeBody, isNamedBy, requireInTime } from '../auth/authorize.ts'
import type { Grant } from '../auth/grant.ts'
import { GraphError } from '../errors.ts'
import type { ChangePlan, PlannedChange, Writes } from '../graph/operation.ts'
import type { Directory } from '../model/directory.ts'
import type { Changes, EntityType } from '../model/edm.ts'
import { always, committed, type Dialect, type Source, type Transaction } from '../store/database.ts'
import type { Touched } from '../store/person-memory.ts'
import { directoryFrom } from '../store/tables/people.ts'
import { accountEnabled, accountUnchanged, personUnchanged, tenantUnchanged } from '../store/tables/people-unchanged.ts'

/** An operation that is about to write, and the decision that lets it. */
export interface Decided {
  readonly accessRequest: AccessRequest
  readonly grant: Grant
  readonly body: Changes<EntityType>
  readonly operationName: string
  readonly requestId: string
  readonly keys: Readonly<Record<string, string>>
}

export function guardedWrites(app: App, decided: Decided): Writes {
  const relyingOn = { relyingOn: decided.grant.actor }
  const write: Writes['write'] = (touched, work) =>
    app.database.write(
      touched,
      async (transaction) => {
        await decideAgain(app, decided, transaction)
        return app.alongside.length === 0 ? work(transaction) : append(transaction, work, () => statementsAlongside(app, decided, touched))
      },
      relyingOn,
    )
  return {
    write,
    change: async <T>(touched: Touched, plan: ChangePlan<T>) => {
      const condition = unchanged(decided, app.database.dialect)
      const source = noting(committed(app.database))
      const begun = condition === undefined ? undefined : planOf(plan, source)
      const planned = begun instanceof Promise ? await begun : begun // `await` on a plain value would cost a microtask
      if (condition !== undefined && planned !== undefined) {
        const statement = () => {
          requireInTime(decided.accessRequest, decided.grant, { rules: app.config, now: app.now })
          return planned.statement(condition)
        }
        const changed = await app.database.change(touched, statement, statementsAlongside(app, decided, touched), relyingOn)
        if (changed > 0) return planned.result
        // Nothing was read that could have changed since, and the permission still holds: the statement's own rule refuses.
        if (!source.asked && (await source.rows(sql`SELECT 1 AS holds WHERE ${condition}`)).length > 0) return undefined
      }
      return write(touched, async (transaction) => {
        const { statement, result } = await plan(transaction)
        return (await transaction.change(statement(always))) > 0 ? result : undefined
      })
    },
  }
}

const refusing = () => Promise.reject(new Error('an operation that reads does not write'))
/** The writes of operations that only read: none. */
export const noWrites: Writes = { write: refusing, change: refusing }

/** A source that notes whether it was asked for anything. */
function noting(source: Source): Source & { readonly asked: boolean } {
  let asked = false
  return {
    get asked() {
      return asked
    },
    rows: (statement) => {
      asked = true
      return source.rows(statement)
    },
  }
}

/** undefined where the plan refuses: the transaction that follows decides on the permission first, and then says why. */
function planOf<T>(plan: ChangePlan<T>, source: Source): PlannedChange<T> | undefined | Promise<PlannedChange<T> | undefined> {
  try {
    const planned = plan(source)
    return planned instanceof Promise ? planned.catch(() => undefined) : planned
  } catch {
    return undefined
  }
}

/**
 * The condition that authorize would find the same facts as before, and so decide the same; time apart. undefined where no
 * condition says so.
 */
function unchanged({ accessRequest: { needs, target: path }, grant }: Decided, dialect: Dialect): Sql | undefined {
  if (grant.on !== 'person' || needs.on !== 'person' || needs.crossTenant === true) return undefined
  const { caller, actor, person } = grant
  // Without a role that is asked for, only the account counts.
  if (grant.as === 'self' && needs.rolesOnSelf !== true && needs.members === undefined)
    return path.me ? accountEnabled(person) : accountUnchanged(person)
  if (grant.as === 'self') return personUnchanged(dialect, person)
  const target = personUnchanged(dialect, person)
  const asking = actor === undefined ? tenantUnchanged(caller.tenantId) : personUnchanged(dialect, actor)
  return target === undefined || asking === undefined ? undefined : sql`${target} AND ${asking}`
}

/** Throws what authorize does, and `notFound` where the path now names another person. */
async function decideAgain(app: App, { accessRequest, grant, body }: Decided, source: Source): Promise<void> {
  const now = await authorize(accessRequest, { rules: app.config, directory: asItIsNow(source, grant), now: app.now })
  if (identityOf(now) !== identityOf(grant)) throw new GraphError('notFound')
  authorizeBody(accessRequest.needs, now, body)
}

/** A person whom a principal name led to is looked up by id: one question fewer, and nobody else who has got the name since. */
function asItIsNow(source: Source, grant: Grant): Directory {
  const directory = directoryFrom(source)
  const find = async (_: unknown, key: string) => {
    const person = grant.on === 'person' ? await directory.person(grant.person.tenantId, grant.person.id) : undefined
    return person !== undefined && isNamedBy(person, key) ? person : undefined
  }
  return { ...directory, find, findAnywhere: find }
}

/** The person, group or tenant that a grant is about. */
function identityOf(grant: Grant): string {
  const about = grant.on === 'person' ? [grant.as, grant.person.tenantId, grant.person.id] : [grant.tenantId]
  return JSON.stringify([grant.on, ...about, grant.on === 'group' ? grant.group?.id : ''])
}

function statementsAlongside(app: App, { grant, operationName, requestId, keys }: Decided, touched: Touched): readonly Sql[] {
  if (app.alongside.length === 0) return app.alongside as readonly []
  const { caller, actor } = grant
  const facts = {
    operation: operationName,
    requestId,
    at: app.now(),
    tenantId: caller.tenantId,
    actor,
    application: caller.application,
    person: typeof touched === 'object' ? { tenantId: touched.tenantId, id: touched.id } : undefined,
    keys,
  }
  return app.alongside.flatMap((append) => append(facts))
}

/** Does the work, and executes what goes with it where it changed a row: a refusal may be known by nothing having changed. */
async function append<T>(
  transaction: Transaction,
  work: (transaction: Transaction) => Promise<T>,
  statements: () => readonly Sql[],
): Promise<T> {
  let rows = 0
  const change = async (statement: Sql) => {
    const changed = await transaction.change(statement)
    rows += changed
    return changed
  }
  const result = await work({ ...transaction, change })
  if (rows > 0) for (const statement of statements()) await transaction.change(statement)
  return result
}
