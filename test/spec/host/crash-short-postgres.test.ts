/** A short look at what `npm run test:crash` does to PostgreSQL at length. */

import { postgresCrashTests } from '../../crash/crash-tests.ts'

postgresCrashTests({
  seed: Date.now() % 2 ** 31,
  kills: 3,
  powerLosses: 0,
  firstStarts: 0,
  fullDisks: {},
  outages: { 'PostgreSQL is killed': 1, 'PostgreSQL ends its sessions': 1 },
  report: (context) => (line) => context.diagnostic(line),
})
