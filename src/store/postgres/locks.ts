/** The rows at which PostgreSQL's transactions wait for each other. */

import sql, { type Sql } from 'sql-template-tag'
import type { PersonKey } from '../../model/directory.ts'
import type { Touched } from '../person-memory.ts'

/** In the order of the persons' keys, so that no two transactions wait for each other. */
export function locksOf(touched: Touched, relyingOn?: PersonKey): readonly Sql[] {
  const own = lockOf(touched)
  if (relyingOn === undefined || isAbout(touched, relyingOn)) return own === undefined ? [] : [own]
  const { tenantId, id } = relyingOn
  const shared = sql`SELECT 1 FROM users WHERE tenant_id = ${tenantId} AND id = ${id} FOR SHARE`
  if (own === undefined) return [shared]
  return typeof touched === 'object' && `${touched.tenantId}/${touched.id}` < `${tenantId}/${id}` ? [own, shared] : [shared, own]
}

function isAbout(touched: Touched, { tenantId, id }: PersonKey): boolean {
  return typeof touched === 'object' && touched.tenantId === tenantId && touched.id === id
}

/** The row at which transactions that touch the same wait for each other. */
function lockOf(touched: Touched): Sql | undefined {
  if (touched === 'everyone' || touched === 'nobody') return undefined
  if (touched === 'schema') return sql`SELECT 1 FROM schema_migrations WHERE version = 0 FOR UPDATE`
  return sql`SELECT 1 FROM users WHERE tenant_id = ${touched.tenantId} AND id = ${touched.id} FOR UPDATE`
}
