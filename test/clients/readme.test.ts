/** What README.md says of an official client, done as it says: the token, the program, and what it prints. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { freshFolder, root } from '../support/program.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { command } from '../support/terminal.ts'

const readme = await readFile(join(root, 'README.md'), 'utf8')
const section = /## With an official SDK\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? ''

function block(language: string): string {
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(section)?.[1] ?? assert.fail(`README.md has no ${language} block there`)
}

/** The words of the command in `$(npx selfgraph …)`. */
function tokenArguments(): readonly string[] {
  const line = /\$\(npx selfgraph ([^)]*)\)/.exec(block('sh'))?.[1] ?? assert.fail('README.md makes no token there')
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '')
}

async function run(server: TestServer, file: string, token: string): Promise<{ readonly out: string; readonly err: string }> {
  const env = { PATH: process.env.PATH, TOKEN: token, NODE_EXTRA_CA_CERTS: server.trustFile }
  return new Promise((resolve) => execFile(process.execPath, [file], { env }, (_, out, err) => resolve({ out, err })))
}

describe('The program of the README', async () => {
  // The command finds the embedded database by its folder alone, as in the README.
  const server = await startServer({ folder: await freshFolder() })

  it('does with the token of the README what it says, and meets the 409 that the README tells of when it is run again', async () => {
    const folder = await freshFolder()
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    const file = join(folder, 'app.mjs')
    const program = block('js').replace('https://localhost:8443/', `${server.https}/`)
    assert.match(program, new RegExp(server.https))
    await writeFile(file, program)
    const { out: token, err: complaint } = await command(tokenArguments(), server.folder)
    assert.equal(complaint, '')
    const first = await run(server, file, token.trim())
    assert.deepEqual(first, { out: 'kim@contoso.com kim@example.org\n', err: '' })
    const second = await run(server, file, token.trim())
    assert.match(second.err, /statusCode: 409/)
  })
})
