// Fills a new database by CAP's own means: `node load.mjs PEOPLE FILE`.
import cds from '@sap/cds'
import { emailsOf, inRuns, usersOf } from '../people.mjs'

const [people, file] = process.argv.slice(2)
cds.root = import.meta.dirname
const model = await cds.load('*')
cds.model = cds.compile.for.nodejs(model)
const db = await cds.deploy(model).to(`sqlite:${file}`)
const { Users, Emails } = cds.entities('peer')
for (const users of inRuns(usersOf(Number(people))))
  await cds.tx(() => INSERT.into(Users).entries(users.map(({ id, ...rest }) => ({ ID: id, ...rest }))))
for (const emails of inRuns(emailsOf(Number(people))))
  await cds.tx(() =>
    INSERT.into(Emails).entries(
      emails.map(({ id, userId, confidenceScore, userHasVerifiedAccuracy, ...rest }) => ({
        ID: id,
        user_ID: userId,
        inference_confidenceScore: confidenceScore,
        inference_userHasVerifiedAccuracy: userHasVerifiedAccuracy,
        ...rest,
      })),
    ),
  )
// CAP makes none for an association.
await db.run('CREATE INDEX emails_by_user ON peer_Emails (user_ID)')
await db.disconnect()
