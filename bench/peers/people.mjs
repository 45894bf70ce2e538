// The benchmark's people and emails, as rows for the peers.
import { v7 } from 'uuid'
import { personAt, recordsOf } from '../people.ts'

const rowsInRun = 1000

export function* usersOf(people) {
  for (let index = 0; index < people; index++) {
    const { id, principalName: userPrincipalName, displayName } = personAt(index)
    yield { id, userPrincipalName, displayName }
  }
}

export function* emailsOf(people) {
  for (const record of recordsOf(people)) {
    if (record.kind !== 'email') continue
    const { userId, address, displayName, type, allowedAudiences, inference, createdDateTime, createdBy } = record
    const by = createdBy.user.displayName
    yield {
      id: v7(),
      userId,
      address,
      displayName,
      type,
      allowedAudiences,
      ...inference,
      createdDateTime,
      createdBy: by,
      lastModifiedDateTime: createdDateTime,
      lastModifiedBy: by,
    }
  }
}

export function* inRuns(rows) {
  let run = []
  for (const row of rows) {
    run.push(row)
    if (run.length < rowsInRun) continue
    yield run
    run = []
  }
  if (run.length > 0) yield run
}
