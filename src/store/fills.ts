/** What a migration has to work out that SQL cannot: columns whose values follow from the rows that are there. */

import sql, { empty } from 'sql-template-tag'
import { fold } from '../model/address.ts'
import { type User, user } from '../model/directory.ts'
import { itemEmail } from '../model/profile.ts'
import { renderCompared } from '../odata/compared.ts'
import type { Transaction } from './database.ts'

/** By the version of the migration, run at its end in the same transaction. */
export const fills: Readonly<Record<number, (transaction: Transaction) => Promise<void>>> = {
  3: async (transaction) => {
    await fillUsers(transaction)
    await fillEmails(transaction)
  },
}

const rowsAtOnce = 1000

async function fillUsers(transaction: Transaction): Promise<void> {
  let after = empty
  for (;;) {
    const rows = await transaction.rows<{ tenant_id: string; id: string; record: string }>(
      sql`SELECT tenant_id, id, record FROM users ${after} ORDER BY tenant_id, id LIMIT ${rowsAtOnce}`,
    )
    for (const { tenant_id, id, record } of rows) {
      const person = JSON.parse(record) as Partial<User> // written by createUser, updateUser or import
      await transaction.change(sql`
        UPDATE users SET display_name = ${fold(person.displayName ?? '')}, mail = ${fold(person.mail ?? '')}, compared = ${renderCompared(user, person)}
        WHERE tenant_id = ${tenant_id} AND id = ${id}`)
      await refold(transaction, tenant_id, id, person)
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < rowsAtOnce) return
    after = sql`WHERE (tenant_id, id) > (${last.tenant_id}, ${last.id})`
  }
}

/** A sigma at the end of a word was a letter of its own once. Should two names be one now, the second stays what it was. */
async function refold(transaction: Transaction, tenantId: string, id: string, { userPrincipalName }: Partial<User>): Promise<void> {
  const name = fold(userPrincipalName ?? '')
  if (!name.includes('σ')) return
  const others = await transaction.rows(sql`SELECT 1 FROM users WHERE tenant_id = ${tenantId} AND principal_name = ${name}`)
  if (others.length === 0)
    await transaction.change(sql`UPDATE users SET principal_name = ${name} WHERE tenant_id = ${tenantId} AND id = ${id}`)
}

async function fillEmails(transaction: Transaction): Promise<void> {
  let after = empty
  for (;;) {
    const rows = await transaction.rows<{ tenant_id: string; user_id: string; id: string; record: string }>(
      sql`SELECT tenant_id, user_id, id, record FROM profile_emails ${after} ORDER BY tenant_id, user_id, id LIMIT ${rowsAtOnce}`,
    )
    for (const { tenant_id, user_id, id, record } of rows) {
      const compared = renderCompared(itemEmail, JSON.parse(record) as Record<string, unknown>) // the itemEmail as it goes out
      if (compared !== null)
        await transaction.change(
          sql`UPDATE profile_emails SET compared = ${compared} WHERE tenant_id = ${tenant_id} AND user_id = ${user_id} AND id = ${id}`,
        )
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < rowsAtOnce) return
    after = sql`WHERE (tenant_id, user_id, id) > (${last.tenant_id}, ${last.user_id}, ${last.id})`
  }
}
