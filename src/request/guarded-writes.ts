/**
 * The writes of an operation. A body may take its time to come, and the caller's reach may go meanwhile: so permission is
 * decided once more inside the transaction, on what the transaction reads. That lies here, in the only way to the database that
 * an operation has, so that no operation can leave it out.
 */

import type { App } from '../app.ts'
import { authorize, authorizeBody, goesBy, type Question } from '../auth/authorize.ts'
import { hasExpired } from '../auth/caller.ts'
import type { Grant } from '../auth/grant.ts'
import { GraphError } from '../errors.ts'
import type { Writes } from '../graph/operation.ts'
import type { Directory } from '../model/directory.ts'
import type { Changes, EntityType } from '../model/edm.ts'
import { committed, type Source } from '../store/database.ts'
import { belongingsOf } from '../store/person-memory.ts'
import { directoryFrom, mayAct } from '../store/tables/people.ts'

interface Decided {
  readonly question: Question
  readonly grant: Grant
  readonly body: Changes<EntityType>
}

export function guardedWrites(app: App, decided: Decided): Writes {
  const { question, grant } = decided
  return {
    write: (touched, work) =>
      app.database.write(
        touched,
        async (transaction) => {
          await decideAgain(app, decided, transaction)
          return work(transaction)
        },
        { relyingOn: grant.actor },
      ),
    changeOwn: async (statement) => {
      if (grant.on !== 'person' || grant.as !== 'self' || !asksForPermissionOnly(question))
        throw new Error('not a change of what is one’s own')
      if (hasExpired(grant.caller, app.now())) throw new GraphError('tokenInvalid')
      const changed = await app.database.change(belongingsOf(grant.person), statement(mayAct(grant.person)))
      if (changed === 0) await decideAgain(app, decided, committed(app.database))
      return changed
    },
  }
}

/** Of operations that read. */
export const noWrites: Writes = {
  write: () => Promise.reject(new Error('an operation that reads does not write')),
  changeOwn: () => Promise.reject(new Error('an operation that reads does not write')),
}

/** Nothing else about the caller could have changed than that they may act at all. */
function asksForPermissionOnly({ needs }: Question): boolean {
  return needs.on === 'person' && needs.rolesOnSelf !== true && needs.members === undefined && needs.mfa === 'notAsked'
}

/** Throws what authorize does, and `notFound` where the path now names another person. */
async function decideAgain(app: App, { question, grant, body }: Decided, source: Source): Promise<void> {
  const now = await authorize(question, { rules: app.config, directory: asItIsNow(source, grant), now: app.now })
  if (identityOf(now) !== identityOf(grant)) throw new GraphError('notFound')
  authorizeBody(question.needs, now, body)
}

/** A person whom a principal name led to is looked up by id: one question fewer, and nobody else who has got the name since. */
function asItIsNow(source: Source, grant: Grant): Directory {
  const directory = directoryFrom(source)
  const find = async (_: unknown, key: string) => {
    const person = grant.on === 'person' ? await directory.person(grant.person.tenantId, grant.person.id) : undefined
    return person !== undefined && goesBy(person, key) ? person : undefined
  }
  return { ...directory, find, findAnywhere: find }
}

/** Whom or what a grant is about. */
function identityOf(grant: Grant): string {
  const about = grant.on === 'person' ? [grant.as, grant.person.tenantId, grant.person.id] : [grant.tenantId]
  return JSON.stringify([grant.on, ...about, grant.on === 'group' ? grant.group?.id : ''])
}
