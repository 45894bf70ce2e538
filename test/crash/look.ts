/** What is there after a crash: through the API as its users see it, and in the table itself. */

import { isDeepStrictEqual } from 'node:util'
import { untagged } from '../support/untagged.ts'
import { Lane } from './lane.ts'
import type { Email, Held } from './ledger.ts'
import type { Person } from './people.ts'

/** A row of profile_emails. */
export interface StoredEmail {
  readonly user_id: string
  readonly id: string
  readonly created_at: string
  readonly audiences: number
  readonly record: string
}

const connections = 4
const mostEmails = 250
// biome-ignore format: a table of facts
const audienceBits: Readonly<Record<string, number>> = { me: 0, family: 1, contacts: 2, groupMembers: 4, organization: 8, federatedOrganizations: 16, everyone: 32 }

/** Everything that everybody has, asked for by themselves. */
export async function readEverybody(port: number, people: readonly Person[]): Promise<ReadonlyMap<string, Held>> {
  const held = new Map<string, Held>()
  const waiting = [...people]
  const reader = async () => {
    const lane = new Lane(port)
    for (let person = waiting.pop(); person !== undefined; person = waiting.pop()) held.set(person.id, await readPerson(lane, person))
    lane.close()
  }
  await Promise.all(Array.from({ length: connections }, reader))
  return held
}

async function readPerson(lane: Lane, { token }: Person): Promise<Held> {
  const get = async (path: string) => {
    const answer = await lane.send({ method: 'GET', path, token })
    if (answer?.status !== 200) throw new Error(`GET ${path} was answered with ${answer?.status}: ${answer?.text}`)
    return answer.text
  }
  const emails: Email[] = []
  for (let path: string | undefined = '/beta/me/profile/emails'; path !== undefined; ) {
    const page = JSON.parse(await get(path)) as { value: Email[]; '@odata.nextLink'?: string } // a list, as every answer of that path
    emails.push(...untagged(page.value))
    const next = page['@odata.nextLink']
    path = next === undefined ? undefined : next.slice(new URL(next).origin.length)
  }
  const count = Number(await get('/beta/me/profile/emails/$count'))
  if (count !== emails.length) throw new Error(`$count says ${count}, and ${emails.length} emails are listed`)
  const methods = JSON.parse(await get('/v1.0/me/authentication/emailMethods')) as { value: { emailAddress: string }[] } // as above
  return { emails, methods: methods.value.map(({ emailAddress }) => emailAddress) }
}

/** What is wrong with the table: a line each. */
export function tableFaults(rows: readonly StoredEmail[], held: ReadonlyMap<string, Held>): readonly string[] {
  const listed = new Map([...held].flatMap(([person, { emails }]) => emails.map((email) => [`${person} ${email.id}`, email] as const)))
  const faults = [...held]
    .filter(([, { emails }]) => emails.length > mostEmails)
    .map(([person]) => `${person} has more than ${mostEmails} emails`)
  if (listed.size !== rows.length) faults.push(`the table has ${rows.length} emails, the lists show ${listed.size}`)
  for (const { user_id: person, id, created_at: createdAt, audiences, record } of rows) {
    const email = parse(record)
    const words = String(email?.allowedAudiences).split(',')
    if (email === undefined) faults.push(`the record of ${id} is no JSON: ${record}`)
    else if (email.id !== id || !isDeepStrictEqual(email, listed.get(`${person} ${id}`)))
      faults.push(`the record of ${id} is not what is listed: ${record}`)
    else if (Date.parse(String(email.createdDateTime)) !== Date.parse(createdAt)) faults.push(`${id} is sorted by ${createdAt}: ${record}`)
    else if (words.reduce((bits, word) => bits | (audienceBits[word] ?? Number.NaN), 0) !== audiences)
      faults.push(`${id} is seen by the audiences ${audiences}: ${record}`)
  }
  return faults
}

function parse(text: string): Email | undefined {
  try {
    return JSON.parse(text) as Email // a test looks at every member
  } catch {
    return undefined
  }
}
