/** The people that the benchmark stores: made from their number alone, so that every process knows them. */

import { createHash } from 'node:crypto'

export const tenantId = 'bbbbeeee-0000-4ccc-8111-aaaabbbbcccc'
export const emailsPerPerson = 3

export interface BenchPerson {
  readonly id: string
  readonly principalName: string
  readonly displayName: string
}

/** The person number `index`. All texts are equally long, so that all answers are. Ids are in no order, as real ones. */
export function personAt(index: number): BenchPerson {
  const hex = createHash('sha256').update(`person ${index}`).digest('hex')
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  return { id, principalName: `person${digits(index)}@bench.example`, displayName: `Person ${digits(index)}` }
}

const kinds = ['work', 'personal', 'other'] as const
const firstDay = Date.UTC(2026, 0, 1)
const day = 86_400_000

/** The addresses that a person shows, in the order of a list. */
export function addressesAt(index: number): readonly string[] {
  return kinds.map((kind) => `${kind}.address.${digits(index)}@mail.example`)
}

/** What a person adds in the benchmark of `POST`. */
export function additionAt(index: number) {
  return {
    address: `added.address.${digits(index)}@mail.example`,
    displayName: 'Weekend house',
    type: 'other',
    allowedAudiences: 'organization',
    inference: { confidenceScore: 0.9, userHasVerifiedAccuracy: true },
  } as const
}

/** Which person holds token number `index`: the first tokens are spread over all people too. */
export function holderOf(index: number, people: number): number {
  return (index * strideOver(people)) % people
}

/** About people / 1.618, and without a common divisor: no person comes twice before everyone came once. */
function strideOver(people: number): number {
  let stride = Math.max(1, Math.round(people / 1.618))
  while (greatestDivisor(stride, people) !== 1) stride++
  return stride
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b)
}

/**
 * The lines that `selfgraph import` reads. Emails come round by round, so that those of one person lie as far apart
 * in the file of the database as they do where people add them over the years.
 */
export function* recordsOf(people: number): Generator<object> {
  yield { kind: 'tenant', id: tenantId, displayName: 'Bench', federatedWith: [], verifiedDomains: [{ name: 'bench.example' }] }
  for (let index = 0; index < people; index++) {
    const { id, principalName: userPrincipalName, displayName } = personAt(index)
    yield { kind: 'user', tenantId, id, userPrincipalName, displayName, mail: userPrincipalName, accountEnabled: true }
  }
  for (const [round, type] of kinds.entries())
    for (let index = 0; index < people; index++) {
      const { id, displayName } = personAt(index)
      const createdDateTime = new Date(firstDay + round * 30 * day + index * 10 + 1).toISOString() // no zero at the end, which would be cut off
      const by = { application: benchApplication, device: null, user: { displayName, id } }
      yield {
        kind: 'email',
        tenantId,
        userId: id,
        allowedAudiences: 'organization',
        inference: { confidenceScore: 0.9, userHasVerifiedAccuracy: true },
        createdDateTime,
        createdBy: by,
        lastModifiedDateTime: createdDateTime,
        lastModifiedBy: by,
        address: addressesAt(index)[round],
        displayName: 'Where mail finds me',
        type,
      }
    }
}

export const benchApplication = { displayName: 'Bench', id: '5e1f6a9e-0000-4000-8000-00000000000b' } as const

function digits(index: number): string {
  return String(index).padStart(8, '0')
}
