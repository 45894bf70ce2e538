/** Emails to ask about, their owner, and the asking: what the tests of the query language share. */

import assert from 'node:assert/strict'
import { type Answer, ask, type Json } from './ask.ts'
import { contosoUser, putRecords } from './records.ts'
import { type TestServer, type TokenOptions, token } from './server.ts'
import { tenants } from './tenants.ts'

export const pat = { id: 'aaaaaaaa-0000-4000-8000-000000000001', userPrincipalName: 'pat@contoso.com' } as const
export const emails = '/beta/me/profile/emails'

const member = (displayName: string | null, id: string | null) => ({ displayName, id })

/** By id, in the order of their making. */
const patsEmails: Readonly<Record<string, object>> = {
  a: {
    address: 'Anna@contoso.com',
    displayName: 'Straße',
    type: 'work',
    allowedAudiences: 'me',
    createdDateTime: '2026-03-01T12:00:00Z',
    inference: { confidenceScore: 0.25, userHasVerifiedAccuracy: true },
    source: { type: ['AAD', 'User'] },
  },
  b: {
    address: 'bert@contoso.com',
    displayName: null,
    type: 'personal',
    allowedAudiences: 'family,contacts',
    createdDateTime: '2026-04-02T13:14:15.1234567Z',
    createdBy: { application: null, device: null, user: member('Kim', 'K1') },
  },
  c: {
    address: 'zoë@exämple.com',
    displayName: 'ΟΔΟΣ',
    type: 'main',
    allowedAudiences: 'everyone',
    createdDateTime: '2026-05-03T00:00:00Z',
    inference: { confidenceScore: 0.75, userHasVerifiedAccuracy: false },
  },
  d: {
    address: 'd.arc@fabrikam.com',
    displayName: "Joan d'Arc",
    type: 'other',
    allowedAudiences: 'organization',
    createdDateTime: '2026-05-03T00:00:00.5Z',
    inference: { confidenceScore: 1, userHasVerifiedAccuracy: null },
    source: { type: [] },
  },
  f: {
    address: 'f@sub.contoso.com',
    displayName: '😀 smile',
    type: 'unknown',
    allowedAudiences: 'groupMembers,organization',
    createdDateTime: '2026-06-30T23:59:59.9999999Z',
    source: { type: ['MSA'] },
  },
  // Made after f, so that the order of making is not that of the ids.
  e: {
    address: 'e+e@contoso.com',
    displayName: '～ wave',
    type: 'work',
    allowedAudiences: 'federatedOrganizations',
    createdDateTime: '2026-07-01T00:00:00Z',
    inference: { confidenceScore: 0, userHasVerifiedAccuracy: false },
    createdBy: { application: member('Importer', 'app'), device: null, user: null },
  },
}

/** Writes Pat, with the emails a, b, c, d, f, e (in the order of their making). */
export async function putPat(server: TestServer, members: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const owned = { kind: 'email', tenantId: tenants.contoso, userId: pat.id }
  await putRecords(server, [
    contosoUser(pat.id, pat.userPrincipalName, members),
    ...Object.entries(patsEmails).map(([id, record]) => ({ ...owned, id, ...record })),
  ])
}

export function patsToken(server: TestServer, options: TokenOptions = {}): Promise<string> {
  const { claims, ...rest } = options
  return token(server, 'kim', { scope: 'User.ReadWrite', ...rest, claims: { oid: pat.id, upn: pat.userPrincipalName, ...claims } })
}

export interface Questions {
  /** What was answered at `path`, whatever it was. Spaces are sent as %20. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** The items of one page. */
  items(path: string, headers?: Readonly<Record<string, string>>): Promise<readonly Json[]>
  /** `name` of the items of one page, joined by spaces. */
  found(path: string, headers?: Readonly<Record<string, string>>, name?: string): Promise<string>
}

export const eventual = { ConsistencyLevel: 'eventual' }

/** Asks as the holder of a token. */
export function questions(server: Pick<TestServer, 'http'>, bearer: string): Questions {
  const get: Questions['get'] = (path, headers = {}) => ask(server, `GET ${path.replaceAll(' ', '%20')}`, { token: bearer, headers })
  const items: Questions['items'] = async (path, headers) => {
    const { status, json, text } = await get(path, headers)
    assert.equal(status, 200, `${path}: ${text}`)
    return json.value
  }
  const found: Questions['found'] = async (path, headers, name = 'id') => (await items(path, headers)).map((item) => item[name]).join(' ')
  return { get, items, found }
}

/** Every page from `first` on, by following @odata.nextLink as it was given. */
export async function pagesOf(
  server: TestServer,
  bearer: string,
  first: string,
  headers?: Readonly<Record<string, string>>,
): Promise<readonly Json[]> {
  const pages: Json[] = []
  for (
    let next: string | undefined = server.http + first.replaceAll(' ', '%20');
    next !== undefined;
    next = pages.at(-1)['@odata.nextLink']
  ) {
    const { status, json, text } = await ask({ http: '' }, `GET ${next}`, { token: bearer, ...(headers === undefined ? {} : { headers }) })
    assert.equal(status, 200, text)
    pages.push(json)
    assert.ok(pages.length < 100, 'the pages come to an end')
  }
  return pages
}

/** An item's members, control information aside. */
export function membersOf(item: Json): readonly string[] {
  return Object.keys(item).filter((name) => !name.includes('@'))
}
