/** `selfgraph doctor`: looks at everything that a server needs, changes nothing, and says what to do. */

import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { countKeys } from '../auth/key-source.ts'
import { type Config, namesOf, readConfig, settings } from '../config.ts'
import { developmentFiles, readPair, renewalDays } from '../http/certificate.ts'
import { isOwned } from '../store/sqlite/database.ts'
import { checkDatabase } from './doctor-database.ts'
import { checkFolder } from './doctor-folder.ts'
import { checkPort } from './doctor-port.ts'
import { type Finding, finding, reason } from './finding.ts'
import { type Command, readArguments, type Terminal } from './terminal.ts'

export const doctor: Command = {
  says: 'Check everything that a server needs.',
  help: `Usage: selfgraph doctor [--json]

Checks the version of Node, the settings, the data folder, the database (all of an embedded one is read), its jobs, the certificate,
the ports, and that trusted issuers can be reached. Changes nothing, and may be run beside a server. One line each:

  ok     good
  warn   works, and somebody should know
  bad    a server would not start, or not work

  --json   one JSON object instead of lines

The exit code is 0 when nothing is bad, else 1.`,
  run: async (args, terminal) => {
    const { values } = readArguments({ args: [...args], options: { json: { type: 'boolean' } }, strict: true })
    const findings = await examine(terminal)
    const bad = findings.some(({ verdict }) => verdict === 'bad')
    terminal.out(values.json === true ? `${JSON.stringify({ ok: !bad, checks: findings })}\n` : findings.map(renderFinding).join(''))
    return bad ? 1 : 0
  },
}

function renderFinding({ check, verdict, says }: Finding): string {
  return `${verdict.padEnd(4)}  ${check.padEnd(widestCheck)}  ${says}\n`
}

const widestCheck = 'certificate'.length
const day = 86_400_000

async function examine(terminal: Terminal): Promise<readonly Finding[]> {
  const node = lookAtNode(terminal.nodeVersion)
  let config: Config
  try {
    config = readConfig(terminal.environment)
  } catch (error) {
    const rest = finding('rest', 'warn', 'not checked: correct the settings first')
    return [node, finding('settings', 'bad', reason(error)), rest]
  }
  const serving = config.databaseUrl !== undefined || isOwned(config.data)
  const ports = [
    ...(config.httpsPort === 0 ? [] : [checkPort('https', config.host, config.httpsPort, serving)]),
    ...(config.httpPort === 0 ? [] : [checkPort('http', 'localhost', config.httpPort, serving)]),
  ]
  const [early, portFindings] = [
    [await checkFolder(config.data, terminal), ...(await checkDatabase(config, terminal)), await lookAtCertificate(config, terminal.now())],
    await Promise.all(ports),
  ]
  return [
    node,
    finding('settings', 'ok', namesOfSettings(terminal.environment)),
    ...early,
    ...portFindings.map(({ check, verdict, says }) => finding(check, verdict, says)),
    ...lookAtTokens(
      config,
      portFindings.some(({ isOurs }) => isOurs === true),
    ),
    ...(await Promise.all(config.trustedIssuers.map((setting) => lookAtIssuer(setting, terminal.fetch)))),
  ]
}

const leastNode = 24

function lookAtNode(version: string): Finding {
  return Number.parseInt(version, 10) >= leastNode
    ? finding('node', 'ok', version)
    : finding('node', 'bad', `${version} is too old: install Node ${leastNode} or later`)
}

function namesOfSettings(environment: Terminal['environment']): string {
  const known = Object.values(settings).flatMap(namesOf)
  const set = known.filter((name) => (environment[name] ?? '') !== '')
  return set.length === 0 ? 'all at their defaults' : `set: ${set.join(', ')}`
}

async function lookAtCertificate(config: Config, now: number): Promise<Finding> {
  const { httpsPort, tlsCert, tlsKey, data } = config
  if (httpsPort === 0) return finding('certificate', 'ok', 'none is needed: https is switched off')
  if (tlsCert !== undefined && tlsKey !== undefined) return lookAtOperatorsCertificate(tlsCert, tlsKey, config, now)
  try {
    const certificate = new X509Certificate(await readFile(developmentFiles(data).cert, 'utf8'))
    return finding('certificate', 'ok', `for development, ${describe(certificate, now)}`)
  } catch {
    return finding('certificate', 'ok', 'the next start makes one for development')
  }
}

async function lookAtOperatorsCertificate(certFile: string, keyFile: string, { publicUrl }: Config, now: number): Promise<Finding> {
  try {
    const certificate = new X509Certificate((await readPair(certFile, keyFile)).cert)
    const words = describe(certificate, now)
    const left = daysLeft(certificate, now)
    if (left < 0) return finding('certificate', 'bad', `${words}: renew it and start the server again`)
    if (Date.parse(certificate.validFrom) > now) return finding('certificate', 'bad', `valid from ${certificate.validFrom} only, ${words}`)
    const name = publicUrl === undefined ? undefined : new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')
    if (name !== undefined && (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) === undefined)
      return finding(
        'certificate',
        'warn',
        `it does not name ${name}, the host of SELFGRAPH_PUBLIC_URL; ${words}: good behind a proxy only`,
      )
    return finding('certificate', left < renewalDays ? 'warn' : 'ok', left < renewalDays ? `${words}: renew it soon` : words)
  } catch (error) {
    return finding('certificate', 'bad', reason(error))
  }
}

function describe(certificate: X509Certificate, now: number): string {
  const left = daysLeft(certificate, now)
  const names = (certificate.subjectAltName ?? certificate.subject)
    .replaceAll(/(DNS|IP Address):/g, '')
    .replaceAll(/(?<=^|, )[\da-f]{1,4}(?::[\da-f]{1,4}){7}(?=,|$)/gi, shortAddress)
  return `names ${names}; ${left < 0 ? `expired on ${certificate.validTo}` : `${left} days left`}`
}

/** Node writes out every group of an IPv6 address. */
function shortAddress(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1)
}

function daysLeft(certificate: X509Certificate, now: number): number {
  return Math.floor((Date.parse(certificate.validTo) - now) / day)
}

/** `isRunning`: a server with this data listens, whose settings were its own. */
function lookAtTokens({ demo, trustedIssuers }: Config, isRunning: boolean): readonly Finding[] {
  if (demo) return [finding('tokens', 'warn', "test tokens of this server's own key are accepted: not for production (SELFGRAPH_DEMO)")]
  if (trustedIssuers.length === 0 && isRunning)
    return [
      finding(
        'tokens',
        'ok',
        'the server that runs has settings of its own, such as the demo of npm start: its first lines say what it accepts. One started with these settings would accept none',
      ),
    ]
  if (trustedIssuers.length === 0)
    return [
      finding(
        'tokens',
        'warn',
        'these settings accept none: set SELFGRAPH_TRUSTED_ISSUERS, or to try things out SELFGRAPH_DEMO=1, as npm start does by itself',
      ),
    ]
  return []
}

async function lookAtIssuer(setting: string, get: typeof fetch): Promise<Finding> {
  const [issuer = ''] = setting.split('|')
  try {
    return finding('issuer', 'ok', `${issuer} publishes ${await countKeys(setting, get)} keys`)
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
    return finding('issuer', 'bad', `${issuer} cannot be used (${reason(error)}${cause}): its tokens are answered with 503`)
  }
}
