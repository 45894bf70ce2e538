/** `/users/{user}/authentication` and its `methods`: all of a person's authentication methods, whatever their type. */

import { anyOf, type PersonNeeds } from '../auth/needs.ts'
import { GraphError } from '../errors.ts'
import { authentication, authenticationMethod, emailMethodId } from '../model/authentication.ts'
import type { Item } from '../odata/json/render.ts'
import { canonicalPath } from '../odata/url/path.ts'
import { methodsOf } from './email-methods.ts'
import { queryInMemory } from './in-memory.ts'
import { listOptions, type Page, type PersonContext, type Resource, readOptions } from './operation.ts'

const readOthers = anyOf('UserAuthenticationMethod.Read.All', 'UserAuthenticationMethod.ReadWrite.All')

const read: PersonNeeds = {
  on: 'person',
  self: anyOf('UserAuthenticationMethod.Read', 'UserAuthenticationMethod.ReadWrite', ...readOthers.permissions),
  others: readOthers,
  personal: { permissions: [] },
  application: readOthers,
  roles: ['Global Reader', 'Authentication Administrator', 'Privileged Authentication Administrator'],
  targets: 'anyUser',
  mfa: 'notAsked',
}

export const authentications: Resource<typeof authentication> = {
  path: '/users/{user}/authentication',
  type: authentication,
  workload: 'authentication',
  versions: 'both',
  expandable: ['emailMethods', 'methods'],
  // biome-ignore format: a table of facts, aligned by hand
  operations: {
    get: { verb: 'GET', on: 'single', needs: read, query: [...readOptions, 'expand'], answers: 'entity', run: getAuthentication },
  },
}

/** Methods of all types have no text that could be searched. */
const filterOptions = [...listOptions, 'filter', 'orderby'] as const

export const methods: Resource<typeof authenticationMethod> = {
  path: '/users/{user}/authentication/methods',
  key: 'id',
  type: authenticationMethod,
  workload: 'authentication',
  versions: 'both',
  // biome-ignore format: a table of facts, aligned by hand
  operations: {
    list: { verb: 'GET', on: 'collection', needs: read, query: filterOptions, answers: 'page', run: list },
    get:  { verb: 'GET', on: 'item',       needs: read, query: readOptions, answers: 'entity', run: get },
  },
}

type Methods = PersonContext<typeof authenticationMethod>

async function getAuthentication({ grant, keys }: PersonContext<typeof authentication>): Promise<Item> {
  return { type: authentication, value: { id: grant.person.id }, path: () => canonicalPath(authentications.path, keys) }
}

async function list({ app: { lookups }, grant, query, keys, pageSize }: Methods): Promise<Page> {
  return queryInMemory(await methodsOf(lookups, grant.person, keys), query, pageSize)
}

async function get({ app: { lookups }, grant, keys }: Methods): Promise<Item> {
  const [item] = keys.id === emailMethodId ? await methodsOf(lookups, grant.person, keys) : []
  if (item === undefined) throw new GraphError('notFound')
  return item
}
