/** The 403s of authorization: each tells in `details` what would have sufficed, and nothing about the target. */

import { type ErrorDetail, GraphError } from '../errors.ts'
import type { RoleName } from './roles.ts'

export function detail(code: string, target: string, message: string): ErrorDetail {
  return { code, target, message }
}

export function permissionMissing(kind: 'delegated' | 'personal' | 'application', sufficient: readonly string[]): GraphError {
  const [target, word] = kind === 'application' ? ['roles', 'application'] : ['scp', 'delegated']
  return new GraphError('permissionMissing', {
    details: [detail('permission', target, `Any one of these ${word} permissions would suffice: ${sufficient.join(', ')}.`)],
  })
}

export function roleMissing(sufficient: readonly RoleName[]): GraphError {
  return new GraphError('roleMissing', {
    details: [detail('role', 'wids', `Any one of these roles would suffice: ${sufficient.join(', ')}.`)],
  })
}
