/**
 * The other thing to be reached: the same rows into the same table without any server around it. As the server does:
 * many to a commit, WAL, synchronous=FULL.
 */

import { DatabaseSync } from 'node:sqlite'
import { v7 } from 'uuid'
import { emailToPut } from '../src/graph/profile-emails.ts'
import { onAsk } from './control.ts'
import type { Ran } from './load.ts'
import { additionAt, benchApplication, holderOf, personAt, tenantId } from './people.ts'

export interface RowsRun {
  /** As in load.ts. */
  readonly first: number
  readonly size: number
  readonly cycled: number
  readonly people: number
  readonly milliseconds: number
}

const rowsPerCommit = 64
const idMark = '00000000-0000-7000-8000-000000000000'

interface Template {
  readonly userId: string
  readonly createdAt: string
  readonly audiences: number
  /** The record's text around its id. */
  readonly around: readonly string[]
}

let database: DatabaseSync | undefined
const templates: Template[] = []

onAsk('open', (file: string) => {
  database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=20000; PRAGMA cache_size=-65536')
})

onAsk('insert', ({ first, size, cycled, people, milliseconds }: RowsRun): Ran => {
  if (database === undefined) throw new Error('open comes first')
  for (let index = first; index < first + size; index++) templates[index] ??= templateOf(holderOf(index, people))
  const insert = database.prepare(
    'INSERT INTO profile_emails (tenant_id, user_id, id, created_at, audiences, record) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  let count = 0
  while (performance.now() - startedAt < milliseconds) {
    database.exec('BEGIN IMMEDIATE')
    for (let row = 0; row < rowsPerCommit; row++, count++) {
      const template = templates[first + ((cycled + count) % size)]
      if (template === undefined) throw new Error('there is a template for each token')
      const id = v7()
      insert.run(tenantId, template.userId, id, template.createdAt, template.audiences, template.around.join(id))
    }
    database.exec('COMMIT')
  }
  const seconds = (performance.now() - startedAt) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  return { count, seconds, cpuMicroseconds: user + system }
})

function templateOf(person: number): Template {
  const { id: userId, displayName } = personAt(person)
  const at = '2026-11-21T12:00:00.000Z'
  const by = { application: benchApplication, device: null, user: { displayName, id: userId } }
  const { createdAt, audiences, record } = emailToPut({
    ...additionAt(person),
    id: idMark,
    createdDateTime: at,
    createdBy: by,
    lastModifiedDateTime: at,
    lastModifiedBy: by,
    source: null,
  })
  return { userId, createdAt, audiences, around: record.split(idMark) }
}

// Questions come over the channel: it keeps this process.
process.channel?.ref()
