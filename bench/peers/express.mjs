// The service that somebody would write with Express and an ORM: a person's emails, and one more.
import { eq } from 'drizzle-orm'
import express from 'express'
import { v7 } from 'uuid'
import { emails, openDatabase, users } from './express-schema.mjs'

const { db } = openDatabase(process.env.PEER_DATA)
const app = express()
app.disable('x-powered-by')
app.use(express.json())

app.get('/users/:id/emails', (request, response) => {
  const found = db.select().from(emails).where(eq(emails.userId, request.params.id)).orderBy(emails.createdDateTime, emails.id).all()
  response.json({ value: found.map(render) })
})

app.post('/users/:id/emails', (request, response) => {
  const { address, displayName = null, type = 'unknown', allowedAudiences = 'organization', inference = {} } = request.body
  if (typeof address !== 'string' || !address.includes('@')) return response.status(400).json({ error: 'address is required' })
  const [user] = db.select().from(users).where(eq(users.id, request.params.id)).all()
  if (user === undefined) return response.status(404).json({ error: 'no such user' })
  const at = new Date().toISOString()
  const [added] = db
    .insert(emails)
    .values({
      ...{ id: v7(), userId: user.id, address, displayName, type, allowedAudiences, ...inference },
      ...{ createdDateTime: at, createdBy: user.displayName, lastModifiedDateTime: at, lastModifiedBy: user.displayName },
    })
    .returning()
    .all()
  response.status(201).json(render(added))
})

function render({ userId, confidenceScore, userHasVerifiedAccuracy, ...rest }) {
  return { ...rest, inference: { confidenceScore, userHasVerifiedAccuracy } }
}

app.listen(Number(process.env.PORT), '127.0.0.1')
