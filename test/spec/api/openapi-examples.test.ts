/** The examples of the OpenAPI documents: each is sent to a server with the least permission that the document names, and answered so. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeService } from '../../../src/graph/describe/describe-service.ts'
import { examples } from '../../../src/graph/describe/examples.ts'
import { pathOf } from '../../../src/odata/service/openapi.ts'
import { ask } from '../../support/ask.ts'
import { startServer, token } from '../../support/server.ts'

/** Keys of the paths; the id of what an example made comes to it. */
const methodId = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f'

for (const version of ['v1.0', 'beta'] as const)
  describe(`An example of ${version}`, async () => {
    const server = await startServer()
    const placed = describeService(version).resources.flatMap((resource) =>
      resource.operations.map((operation) => ({ resource, operation })),
    )
    let id = methodId
    for (const [operationId, all] of Object.entries(examples[version]))
      for (const example of all)
        it(`of ${operationId} is answered as the document has it`, async () => {
          const { resource, operation } =
            placed.find((one) => one.operation.id === operationId) ?? assert.fail('there is no such operation')
          assert.ok(operation.examples.includes(example), 'the document lacks it')
          const [least] = operation.permissions.delegated
          const own = resource.path.startsWith('/me')
          const bearer = await token(server, own ? 'kim' : 'authadmin', { scope: least?.name ?? '', mfa: true })
          const path = pathOf(resource, operation).replace('{user}', 'lee@contoso.com').replace('{id}', id)
          const { body } = example
          const answer = await ask(server, `${operation.verb} /${version}${path}`, {
            token: bearer,
            ...(body === undefined ? {} : { body }),
          })
          assert.equal(answer.status, example.status, answer.text)
          if (example.answer === undefined) assert.equal(answer.text, '')
          else assert.deepEqual(comparable(answer.text), comparable(JSON.stringify(example.answer)))
          if (answer.status === 201) id = answer.json.id
        })
  })

/** Without what is another each time: the origin, ids of new items, times and entity tags. */
function comparable(text: string): unknown {
  const settled = text
    .replaceAll(/https?:\/\/localhost:\d+/g, '{origin}')
    .replaceAll(/[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[\da-f]{4}-[\da-f]{12}/g, '{id}')
    .replaceAll(/W\/\\"[\w-]{22}\\"/g, '{tag}')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '{time}')
  return JSON.parse(settled)
}
