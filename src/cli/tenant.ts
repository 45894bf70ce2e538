/** `selfgraph tenant`: which tenants there are and which domains belong to them, as one who operates the server decides it. */

import { readConfig } from '../config.ts'
import { GraphError, StartError } from '../errors.ts'
import { domainName } from '../model/domain.ts'
import { committed, type Database } from '../store/database.ts'
import { migrate, requireCurrent } from '../store/migrate.ts'
import { dropTenant, hasUsers, listTenants, putTenantName } from '../store/tables/directory.ts'
import { countNames, type Domain, domainsOf, dropDomain, putDomains, strayNames } from '../store/tables/domains.ts'
import { readRecord } from '../transfer/records.ts'
import { openDatabase } from './open-database.ts'
import { type Command, readArguments, type Terminal } from './terminal.ts'

const options = {
  id: { type: 'string' },
  name: { type: 'string' },
  domain: { type: 'string', multiple: true },
} as const

export const tenantCommand: Command = {
  says: 'Add, list and remove tenants and their domains.',
  help: `Usage: selfgraph tenant add --id ID [--name NAME] [--domain DOMAIN …]
       selfgraph tenant list
       selfgraph tenant remove --id ID [--domain DOMAIN …]

A domain belongs to one tenant. A user's principal name must be in a domain of its tenant, and leads to that tenant.

  add      adds a tenant, or domains to one that is there; the first domain of a tenant is its default
  list     prints each tenant with its domains, and the domains of principal names that are not its own
  remove   takes domains away from a tenant; without --domain, takes away a tenant that has no users, with its groups,
           administrative units, policy and domains

  --id ID           id of the tenant, as in tokens (tid)
  --name NAME       display name
  --domain DOMAIN   such as contoso.com, in letters or in A-labels; may be given several times

With the embedded database, stop the server first to add or remove: one process at a time owns the data folder.`,
  run: async (args, terminal) => {
    const { values, positionals } = readArguments({ args: [...args], options, strict: true, allowPositionals: true })
    const [verb, ...more] = positionals
    if (more.length > 0) throw new StartError(`unexpected ${JSON.stringify(more[0])}; --help shows what there is`, 'usage')
    switch (verb) {
      case 'list':
        if (Object.keys(values).length > 0) throw new StartError('selfgraph tenant list takes no options', 'usage')
        return using(terminal, 'reader', (database) => list(database, terminal))
      case 'add':
        return using(terminal, 'owner', (database) => add(database, checked(values), terminal))
      case 'remove':
        if (values.name !== undefined) throw new StartError('selfgraph tenant remove takes --id and --domain', 'usage')
        return using(terminal, 'owner', (database) => remove(database, checked(values), terminal))
      default:
        throw new StartError('say what to do: selfgraph tenant add, list or remove; --help tells more', 'usage')
    }
  },
}

interface Asked {
  readonly id: string
  readonly name: string | undefined
  /** As domainName has them. */
  readonly domains: readonly string[]
}

interface Values {
  readonly id?: string
  readonly name?: string
  readonly domain?: readonly string[]
}

/** The values of the command line, held to the rules for a tenant's record. Throws StartError. */
function checked({ id, name, domain = [] }: Values): Asked {
  if (id === undefined) throw new StartError('say which tenant with --id ID', 'usage')
  const names = domain.map((text) => {
    const known = domainName(text)
    if (known === undefined) throw new StartError(`--domain ${JSON.stringify(text)} is no domain such as contoso.com`, 'usage')
    return known
  })
  const domains = [...new Set(names)]
  try {
    readRecord({
      kind: 'tenant',
      id,
      ...(name === undefined ? {} : { displayName: name }),
      verifiedDomains: domains.map((each) => ({ name: each })),
    })
  } catch (error) {
    if (!(error instanceof GraphError)) throw error
    throw new StartError(`${error.particulars.target === undefined ? '' : `${error.particulars.target}: `}${error.message}`, 'usage')
  }
  return { id: id.toLowerCase(), name, domains }
}

async function using(terminal: Terminal, as: 'owner' | 'reader', work: (database: Database) => Promise<void>): Promise<number> {
  const database = await openDatabase(readConfig(terminal.environment), terminal, as)
  try {
    if (as === 'owner') await migrate(database)
    else await requireCurrent(database)
    await work(database)
    return 0
  } finally {
    await database.close()
  }
}

async function add(database: Database, { id, name, domains }: Asked, { out }: Terminal): Promise<void> {
  const held = await database.write('everyone', async (transaction) => {
    const known = await domainsOf(transaction, id)
    const foreign = await putDomains(
      transaction,
      id,
      domains.map((domain) => known.find((each) => each.name === domain) ?? newDomain(domain)),
    )
    if (foreign !== undefined)
      throw new StartError(`the domain ${foreign} belongs to another tenant; selfgraph tenant list shows which`, 'badData')
    await putTenantName(transaction, id, name)
    return domainsOf(transaction, id)
  })
  out(`${id} has ${held.length === 0 ? 'no domain' : held.map(said).join(', ')}\n`)
}

function newDomain(name: string): Domain {
  return { name, isDefault: false, isInitial: false, type: 'Managed' }
}

function said({ name, isDefault }: Domain): string {
  return isDefault ? `${name} (default)` : name
}

async function list(database: Database, { out }: Terminal): Promise<void> {
  const source = committed(database)
  for (const { id, display_name } of await listTenants(source)) {
    const domains = await domainsOf(source, id)
    out(`${id}  ${display_name ?? '-'}  ${domains.length === 0 ? '-' : domains.map(said).join(', ')}\n`)
  }
  for (const { tenantId, domain, users } of await strayNames(database))
    out(
      `${users} principal ${users === 1 ? 'name' : 'names'} of tenant ${tenantId} in ${domain}, which is not its own: no other tenant finds a user by such a name\n`,
    )
}

async function remove(database: Database, { id, domains }: Asked, { out }: Terminal): Promise<void> {
  // A domain is taken away first, and users who were added in it until then are seen after that. So the isolation must be the usual:
  // one that shows the data as they were at the beginning would not show them.
  if (domains.length === 0) {
    await database.write('nobody', async (transaction) => {
      if (!(await dropTenant(transaction, id))) throw new StartError(`there is no tenant ${id}`, 'badData')
      if (await hasUsers(transaction, id)) throw new StartError(`tenant ${id} has users: remove them first`, 'badData')
    })
    out(`${id} was removed\n`)
    return
  }
  await database.write('nobody', async (transaction) => {
    for (const domain of domains) {
      if (!(await dropDomain(transaction, id, domain)))
        throw new StartError(`the domain ${domain} does not belong to tenant ${id}`, 'badData')
      const users = await countNames(transaction, id, domain)
      if (users > 0)
        throw new StartError(
          `${domain} is in use by ${users} principal ${users === 1 ? 'name' : 'names'} of tenant ${id}: change them first`,
          'badData',
        )
    }
  })
  out(`${domains.join(', ')}: taken away from ${id}\n`)
}
