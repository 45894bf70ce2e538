/** Applications without a user on the email methods of people: their permission alone decides, whatever the settings say. */

import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { ask } from '../../support/ask.ts'
import { asksOf, assertDenied, codeFor, okStatus, operationsWhere, permissionRemedy, send, stageOn } from '../../support/matrix.ts'
import { applicationToken, demo, person, roleLine, userLine } from '../../support/matrix-people.ts'
import { permissions } from '../../support/matrix-table.ts'
import { putRecords } from '../../support/records.ts'
import { startServer } from '../../support/server.ts'

const lee = demo('lee')
const onMethods = operationsWhere(
  ({ workload, application, self }) => workload === 'authentication' && application !== 'never' && self !== undefined,
)

for (const setting of ['0', '1'])
  describe(`An application, with SELFGRAPH_ALLOW_APPLICATIONS=${setting}`, async () => {
    const server = await startServer({ settings: { SELFGRAPH_ALLOW_APPLICATIONS: setting } })
    const call = stageOn(server)
    const highest = person('highest')
    before(() => putRecords(server, [userLine(highest), roleLine(highest, 'Global Administrator')]))

    it('sets the email method of a user with UserAuthenticationMethod.ReadWrite.All alone', async () => {
      const token = await applicationToken(server, ['UserAuthenticationMethod.ReadWrite.All'])
      const path = `/v1.0/users/${lee.principalName}/authentication/emailMethods`
      const answer = await ask(server, `POST ${path}`, { token, body: { emailAddress: 'lee@example.org' } })
      assert.deepEqual([answer.status, answer.json.emailAddress], [201, 'lee@example.org'])
      assert.equal((await ask(server, `GET ${path}`, { token })).json.value[0].emailAddress, 'lee@example.org')
      assert.equal((await ask(server, `DELETE ${path}/${answer.json.id}`, { token })).status, 204)
    })

    for (const operation of onMethods) {
      const asks = asksOf(operation)
      const sufficient = typeof asks.application === 'object' && 'always' in asks.application ? asks.application.always : []

      it(`${operation}: each of ${sufficient.length} permissions suffices, and no other`, async () => {
        assert.ok(sufficient.length > 0)
        for (const permission of permissions) {
          const answer = await call(operation, lee, { path: `/users/${lee.id}`, token: await applicationToken(server, [permission]) })
          if (sufficient.includes(permission)) assert.equal(answer.status, asks.ok, `${permission}: ${answer.text}`)
          else assertDenied(answer, operation, codeFor(asks, 'permission'), [permissionRemedy(sufficient, 'roles')], permission)
        }
      })

      it(`${operation}: asks neither for a role nor for MFA, whoever the target, by id or name, under each version`, async () => {
        const token = await applicationToken(server, permissions)
        for (const path of [`/users/${highest.id}`, `/users/${highest.principalName.toUpperCase()}`, `/users('${highest.id}')`])
          for (const version of ['v1.0', 'beta'] as const) {
            const answer = await call(operation, highest, { path, token, version })
            assert.equal(answer.status, okStatus(asks, version), answer.text)
          }
      })

      it(`${operation}: ends at the border of the tenant, and knows no unknown user`, async () => {
        const token = await applicationToken(server, permissions)
        for (const path of ['/users/nobody@contoso.com', `/users/${demo('ari').id}`, '/users/sam@outlook.example']) {
          const answer = await send(server, operation, { path, token })
          assert.deepEqual([answer.status, answer.json.error.code], [404, codeFor(asks, 'notFound')])
        }
      })
    }
  })
