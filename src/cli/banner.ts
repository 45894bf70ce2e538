/** The text that is printed when the server has started: where it listens, how to trust it, and one request to try. */

import type { JWTPayload } from 'jose'
import { ownIssuer } from '../auth/own-key.ts'
import type { Config } from '../config.ts'

interface Started {
  readonly config: Config
  readonly sign: ((claims: JWTPayload) => Promise<string>) | undefined
  readonly urls: readonly string[]
  readonly trustFile: string | undefined
  /** The certificate is another one than at the last start. */
  readonly newCertificate: boolean
  /** The demo tenants were seeded in this start. */
  readonly seeded: boolean
  readonly database: string
  readonly now: number
}

const demoKim = { tid: 'aaaabbbb-0000-4ccc-8111-dddd2222eeee', oid: '00000000-0000-4000-8000-000000000001' }
const hour = 3600

/** The banner. In demo mode with a complete `curl`: a token that can only read and write Kim's own profile, for an hour. */
export async function readyCurl({ config, sign, urls, trustFile, newCertificate, seeded, database, now }: Started): Promise<string> {
  const lines = ['', `Selfgraph is listening on ${urls.join(' and ')}`, `  data      ${database}`]
  if (config.httpsPort !== 0 && (config.host === '0.0.0.0' || config.host === '::'))
    lines.push(`  https     on every address of this machine (SELFGRAPH_HOST=${config.host})`)
  if (config.publicUrl !== undefined) lines.push(`  public    ${config.publicUrl}`)
  if (trustFile !== undefined) lines.push(`  trust     export NODE_EXTRA_CA_CERTS=${shellWord(trustFile)}`)
  if (newCertificate) lines.push('            the certificate is a new one: clients that were given the old one need it')
  if (config.demo && sign !== undefined) {
    lines.push(
      seeded
        ? '  demo      tenants contoso.com, fabrikam.com, litware.com and personal accounts were seeded'
        : '  demo      on: test tokens are accepted',
    )
    const url = urls.find((candidate) => candidate.startsWith('http:')) ?? urls[0] ?? ''
    const trust = url.startsWith('https:') && trustFile !== undefined ? ` --cacert ${shellWord(trustFile)}` : ''
    lines.push(
      '',
      'Try it:',
      '',
      `curl -s${trust} ${url}/beta/me/profile/emails -H 'Content-Type: application/json' -d '{"address":"kim@contoso.com","type":"work"}' -H 'Authorization: Bearer ${await sign(demoClaims(config, now))}'`,
      '',
      'The token is good for an hour. More tokens: npx selfgraph token --help',
    )
  } else if (config.trustedIssuers.length === 0) {
    lines.push('  tokens    none is accepted: set SELFGRAPH_TRUSTED_ISSUERS, or SELFGRAPH_DEMO=1 to try things out')
  }
  return `${lines.join('\n')}\n\n`
}

function demoClaims(config: Config, now: number): JWTPayload {
  const at = Math.floor(now / 1000)
  return {
    iss: ownIssuer,
    aud: config.audiences[0] ?? '',
    iat: at,
    nbf: at,
    exp: at + hour,
    ...demoKim,
    idtyp: 'user',
    scp: 'User.ReadWrite',
    app_displayname: 'curl',
    amr: ['pwd'],
  }
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
