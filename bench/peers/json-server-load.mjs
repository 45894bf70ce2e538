// Writes the file that json-server serves: `node json-server-load.mjs PEOPLE FILE`.
import { writeFileSync } from 'node:fs'
import { emailsOf, usersOf } from './people.mjs'

const [people, file] = process.argv.slice(2)
writeFileSync(file, JSON.stringify({ users: [...usersOf(Number(people))], emails: [...emailsOf(Number(people))] }))
