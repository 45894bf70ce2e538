// The tables of the Express service, in the words of Drizzle.
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { index, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const users = sqliteTable('users', {
  id: text().primaryKey(),
  userPrincipalName: text().notNull(),
  displayName: text(),
})

export const emails = sqliteTable(
  'emails',
  {
    id: text().primaryKey(),
    userId: text().notNull(),
    address: text().notNull(),
    displayName: text(),
    type: text().notNull(),
    allowedAudiences: text().notNull(),
    confidenceScore: real(),
    userHasVerifiedAccuracy: integer({ mode: 'boolean' }),
    createdDateTime: text().notNull(),
    createdBy: text(),
    lastModifiedDateTime: text().notNull(),
    lastModifiedBy: text(),
  },
  (table) => [index('emails_by_user').on(table.userId)],
)

/** Durable: a commit is on disk before it is answered. */
export function openDatabase(file) {
  const client = new Database(file)
  client.pragma('journal_mode = WAL')
  client.pragma('synchronous = FULL')
  return { client, db: drizzle({ client }) }
}
