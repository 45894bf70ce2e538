// Fills a new database of the Express service: `node express-load.mjs PEOPLE FILE`.
import { emails, openDatabase, users } from './express-schema.mjs'
import { emailsOf, inRuns, usersOf } from './people.mjs'

const [people, file] = process.argv.slice(2)
const { client, db } = openDatabase(file)
client.exec(`
  CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL, userPrincipalName TEXT NOT NULL, displayName TEXT);
  CREATE TABLE emails (
    id TEXT PRIMARY KEY NOT NULL, userId TEXT NOT NULL, address TEXT NOT NULL, displayName TEXT, type TEXT NOT NULL,
    allowedAudiences TEXT NOT NULL, confidenceScore REAL, userHasVerifiedAccuracy INTEGER, createdDateTime TEXT NOT NULL,
    createdBy TEXT, lastModifiedDateTime TEXT NOT NULL, lastModifiedBy TEXT
  );
  CREATE INDEX emails_by_user ON emails (userId);
`)
for (const rows of inRuns(usersOf(Number(people)))) db.insert(users).values(rows).run()
for (const rows of inRuns(emailsOf(Number(people)))) db.insert(emails).values(rows).run()
client.close()
