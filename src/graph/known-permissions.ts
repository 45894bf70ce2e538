/** Every permission that some operation asks for. */

import { resources } from './index.ts'

export function knownPermissions(): ReadonlySet<string> {
  const found = new Set<string>()
  for (const { operations } of resources) for (const { needs } of Object.values(operations)) collect(needs, found)
  return found
}

/** Needs of every shape hold their permissions in lists of that name, at whatever depth. */
function collect(needs: unknown, found: Set<string>): void {
  if (typeof needs !== 'object' || needs === null) return
  for (const [name, value] of Object.entries(needs)) {
    if (name === 'permissions' && Array.isArray(value)) for (const permission of value) found.add(String(permission))
    else collect(value, found)
  }
}
