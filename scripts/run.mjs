// What stands behind the npm scripts: installs what is missing, then runs on the Node that the project brings along.
// Plain JavaScript without dependencies, since it has to run before anything is installed, on Node 20 or later.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const stamp = `${root}node_modules/.selfgraph-installed`
const node = `${root}node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`
const tool = (name) => `${root}node_modules/.bin/${name}`

/** Each script: the commands it runs one after the other. `…` stands for what the caller adds. */
const scripts = {
  // Requests live for a moment: a young generation that may grow without bound takes memory and gives nothing back for it.
  start: [[node, '--max-semi-space-size=16', 'src/main.ts', 'serve', '--default-demo', '…']],
  test: [[node, 'scripts/test.ts', '…']],
  'test:crash': [[node, '--test-reporter=spec', 'test/crash/main.ts', '…']],
  bench: [[node, 'bench/main.ts', '…']],
  check: [
    [tool('tsc'), '--noEmit'],
    // Of what is published the declarations must be nameable, too.
    [tool('tsc'), '-p', 'tsconfig.build.json', '--noEmit'],
    [tool('biome'), 'check', '--error-on-warnings', '.'],
  ],
  generate: [[node, 'scripts/generate.ts', '…']],
  build: [[tool('tsc'), '-p', 'tsconfig.build.json']],
}

const betweenLooksMilliseconds = 250

const [name, ...added] = process.argv.slice(2)
const commands = scripts[name]
if (commands === undefined) {
  console.error(`run.mjs: there is no script ${name}; there are ${Object.keys(scripts).join(', ')}`)
  process.exit(64)
}
install()
const environment = {
  ...process.env,
  PATH: `${root}node_modules/.bin:${process.env.PATH}`,
}
for (const [command, ...args] of commands) {
  const code = await run(
    command,
    args.flatMap((argument) => (argument === '…' ? added : [argument])),
  )
  if (code !== 0) process.exit(code)
}

/** `npm ci`, unless what is installed is what the lock file says. */
function install() {
  const wanted = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .update(process.platform + process.arch)
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(node)) return
  console.error('Installing packages, Node 24 among them: once, for a minute or so…')
  const npm = process.env.npm_execpath
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } =
    npm === undefined
      ? spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
      : spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(status ?? 1)
  writeFileSync(stamp, wanted)
}

/** Runs a command to its end and passes signals on; answers its exit code. */
function run(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: environment })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  // The shell that npm puts in between dies of a signal and passes none on; then this process has another parent.
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), betweenLooksMilliseconds).unref()
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)))
  })
}
