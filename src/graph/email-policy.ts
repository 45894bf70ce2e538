/** `/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email`: the tenant's policy of the email method. */

import { anyOf, nobody, type TenantNeeds } from '../auth/needs.ts'
import { GraphError } from '../errors.ts'
import {
  authenticationMethodConfiguration,
  defaultEmailMethodPolicy,
  type EmailMethodPolicy,
  emailAuthenticationMethodConfiguration,
} from '../model/policy.ts'
import type { Item } from '../odata/json/render.ts'
import { storedRecord } from '../odata/json/stored-record.ts'
import { canonicalPath } from '../odata/url/path.ts'
import { committed, type Source } from '../store/database.ts'
import { dropEmailMethodPolicy, findEmailMethodPolicy, putEmailMethodPolicy } from '../store/tables/policies.ts'
import { type Resource, readOptions, type TenantContext } from './operation.ts'

const readPermissions = anyOf('Policy.Read.AuthenticationMethod', 'Policy.Read.All', 'Policy.ReadWrite.AuthenticationMethod')
const writePermissions = anyOf('Policy.ReadWrite.AuthenticationMethod')

const read: TenantNeeds = {
  on: 'tenant',
  delegated: readPermissions,
  personal: nobody,
  application: readPermissions,
  roles: ['Global Reader', 'Authentication Policy Administrator'],
}

const edit: TenantNeeds = {
  on: 'tenant',
  delegated: writePermissions,
  personal: nobody,
  application: writePermissions,
  roles: ['Authentication Policy Administrator'],
}

const path = '/policies/authenticationMethodsPolicy/authenticationMethodConfigurations'

export const emailPolicy: Resource<typeof emailAuthenticationMethodConfiguration> = {
  path,
  key: 'configuration',
  type: emailAuthenticationMethodConfiguration,
  declaredType: authenticationMethodConfiguration,
  workload: 'authentication',
  versions: 'both',
  contextPath: 'authenticationMethodConfigurations',
  // biome-ignore format: a table of facts, aligned by hand
  operations: {
    get:    { verb: 'GET',    on: 'item', needs: read,  query: readOptions, answers: 'entity',  run: get },
    update: { verb: 'PATCH',  on: 'item', needs: edit,  takes: 'typedBody', answers: 'updated', status: { 'v1.0': 204, beta: 204 }, run: update },
    remove: { verb: 'DELETE', on: 'item', needs: edit,                      answers: 'nothing', run: remove },
  },
}

type Policy = TenantContext<typeof emailAuthenticationMethodConfiguration>

async function get({ app: { database }, grant, keys }: Policy): Promise<Item> {
  requireEmail(keys)
  return itemOf(grant, await policyOf(committed(database), grant.tenantId))
}

async function update({ grant, body, keys, checkPreconditions, write }: Policy): Promise<Item> {
  requireEmail(keys)
  return write('everyone', async (transaction) => {
    const before = await policyOf(transaction, grant.tenantId)
    await checkPreconditions(() => stateOf(grant, before))
    const policy: EmailMethodPolicy = { ...before, ...body, id: defaultEmailMethodPolicy.id }
    await putEmailMethodPolicy(transaction, grant.tenantId, storedRecord(JSON.stringify(policy), JSON.stringify(before)))
    return itemOf(grant, policy)
  })
}

/** Back to the default; the policy itself stays. */
async function remove({ grant, keys, checkPreconditions, write }: Policy): Promise<void> {
  requireEmail(keys)
  await write('everyone', async (transaction) => {
    await checkPreconditions(async () => stateOf(grant, await policyOf(transaction, grant.tenantId)))
    await dropEmailMethodPolicy(transaction, grant.tenantId)
  })
}

/** The one configuration that is served. Its id is `Email` in bodies and `email` in Graph's own paths. */
function requireEmail({ configuration }: Readonly<Record<string, string>>): void {
  if (configuration?.toLowerCase() !== 'email') throw new GraphError('notFound')
}

async function policyOf(source: Source, tenantId: string): Promise<EmailMethodPolicy> {
  const record = await findEmailMethodPolicy(source, tenantId)
  return record === undefined ? defaultEmailMethodPolicy : (JSON.parse(record) as EmailMethodPolicy) // written by update or import
}

/** A tenant that says nothing has the default, and so a tag too. */
function stateOf({ tenantId }: Policy['grant'], policy: EmailMethodPolicy): string {
  return JSON.stringify([tenantId, policy])
}

function itemOf(grant: Policy['grant'], policy: EmailMethodPolicy): Item {
  return {
    type: emailAuthenticationMethodConfiguration,
    value: policy,
    state: stateOf(grant, policy),
    path: () => `${canonicalPath(path, {})}('email')`,
  }
}
