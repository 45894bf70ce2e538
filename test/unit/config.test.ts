import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { inspect } from 'node:util'
import { readEnvironmentFile } from '../../src/cli/environment.ts'
import { type Config, readConfig, settings, splitSecrets } from '../../src/config.ts'
import { StartError } from '../../src/errors.ts'

const refused = (environment: Record<string, string>) => {
  try {
    readConfig(environment)
  } catch (error) {
    assert.ok(error instanceof StartError)
    assert.equal(error.exitCode, 78)
    assert.doesNotMatch(error.message, /\n/)
    return error.message
  }
  return assert.fail(`${JSON.stringify(environment)} was accepted`)
}

describe('The settings', () => {
  it('have the defaults of the table when nothing is set, or set to nothing', () => {
    const empty = Object.fromEntries(Object.values(settings).map(({ name }) => [name, '']))
    for (const config of [readConfig({}), readConfig(empty)])
      for (const [key, { fallback }] of Object.entries(settings)) assert.deepEqual(config[key as keyof Config], fallback, key)
  })

  it('have the defaults that the product promises', () => {
    const { data, host, httpsPort, httpPort, demo, allowApplications, allowPersonalAccounts, selfServiceMethods, mfaMaxAge, profileInV1 } =
      readConfig({})
    assert.deepEqual(
      { data, host, httpsPort, httpPort, demo, allowApplications, allowPersonalAccounts, selfServiceMethods, mfaMaxAge, profileInV1 },
      {
        data: 'data',
        host: 'localhost',
        httpsPort: 8443,
        httpPort: 8080,
        demo: false,
        allowApplications: false,
        allowPersonalAccounts: false,
        selfServiceMethods: true,
        mfaMaxAge: undefined,
        profileInV1: false,
      },
    )
  })

  it('have names, each of its own, that begin with SELFGRAPH_, and a sentence each', () => {
    const names = Object.values(settings).map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    for (const { name, says } of Object.values(settings)) {
      assert.match(name, /^SELFGRAPH_[A-Z0-9_]+$/)
      assert.match(says, /^[\p{L}`].*\.$/u)
    }
  })

  it('leave names alone that are not theirs', () => {
    assert.doesNotThrow(() => readConfig({ PATH: '/bin', selfgraph_demo: 'perhaps', MY_SELFGRAPH_DEMO: 'perhaps' }))
  })

  it('read flags, numbers, lists and texts', () => {
    const config = readConfig({
      SELFGRAPH_DEMO: 'true',
      SELFGRAPH_SELF_SERVICE_METHODS: 'false',
      SELFGRAPH_HTTPS_PORT: '0',
      SELFGRAPH_MFA_MAX_AGE: '600',
      SELFGRAPH_AUDIENCES: ' api://one , api://two,',
      SELFGRAPH_TRUSTED_ISSUERS: 'https://login.example.org,http://localhost:9000|aaaabbbb-0000-4ccc-8111-dddd2222eeee',
      SELFGRAPH_PUBLIC_URL: 'https://graph.example.org',
      SELFGRAPH_DATA: '/var/lib/self graph',
      SELFGRAPH_LOG_LEVEL: 'warn',
    })
    assert.deepEqual(
      [
        config.demo,
        config.selfServiceMethods,
        config.httpsPort,
        config.mfaMaxAge,
        config.audiences,
        config.publicUrl,
        config.data,
        config.logLevel,
      ],
      [true, false, 0, 600, ['api://one', 'api://two'], 'https://graph.example.org', '/var/lib/self graph', 'warn'],
    )
    assert.deepEqual(config.trustedIssuers, ['https://login.example.org', 'http://localhost:9000|aaaabbbb-0000-4ccc-8111-dddd2222eeee'])
  })

  it('take numbers within their limits, and in digits only', () => {
    for (const port of ['0', '1', '65535']) assert.equal(readConfig({ SELFGRAPH_HTTP_PORT: port }).httpPort, Number(port))
    for (const port of ['65536', '-1', '1.5', '1e3', '0x50', ' 80', '80 ', '٨٠', '99999999999'])
      assert.match(refused({ SELFGRAPH_HTTP_PORT: port }), /^SELFGRAPH_HTTP_PORT has a value that cannot be used: expected a whole number/)
  })

  it('trust issuers by https, and by http on a loopback address only', () => {
    for (const issuer of ['https://a.example', 'https://a.example/tenant/v2.0', 'http://127.0.0.1:1', 'http://[::1]:1', 'http://localhost'])
      assert.deepEqual(readConfig({ SELFGRAPH_TRUSTED_ISSUERS: issuer }).trustedIssuers, [issuer])
    for (const issuer of [
      'http://a.example',
      'http://localhost.a.example',
      'ftp://a.example',
      'a.example',
      'https://',
      'https://a|b',
      'https://a.example|x|y',
    ])
      assert.match(refused({ SELFGRAPH_TRUSTED_ISSUERS: issuer }), /^SELFGRAPH_TRUSTED_ISSUERS has a value/)
    assert.match(refused({ SELFGRAPH_TRUSTED_ISSUERS: 'https://a.example,nonsense' }), /^SELFGRAPH_TRUSTED_ISSUERS has a value/)
  })

  it('never repeat a value that cannot be used, since it may be a secret', () => {
    for (const { name } of Object.values(settings)) {
      const environment = { [name]: 's3cret\u0007value' }
      try {
        readConfig(environment)
      } catch (error) {
        assert.ok(error instanceof Error)
        assert.doesNotMatch(error.message, /s3cret/)
      }
    }
  })

  it('that are secrets show in no text, object or inspection', () => {
    const config = readConfig({ SELFGRAPH_SECRETS: 's3cret'.repeat(6), SELFGRAPH_DATABASE_URL: 'postgres://me:s3cret@host/people' })
    assert.match(config.secrets?.reveal() ?? '', /s3cret/)
    assert.match(config.databaseUrl?.reveal() ?? '', /s3cret/)
    for (const text of [JSON.stringify(config), inspect(config, { depth: 9, showHidden: true }), `${config.secrets}${config.databaseUrl}`])
      assert.doesNotMatch(text, /s3cret/)
  })

  it('that are secrets have at least 32 characters each, the current one first', () => {
    const [one, two] = ['1'.repeat(32), '2'.repeat(32)]
    assert.deepEqual(splitSecrets(` ${one} ,${two},`), [one, two])
    for (const bad of ['s3cret', `${one},s3cret`, '1'.repeat(31), ',', ' '])
      assert.match(
        refused({ SELFGRAPH_SECRETS: bad }),
        /^SELFGRAPH_SECRETS has a value that cannot be used: expected secrets of at least 32/,
      )
  })

  it('propose the name that an unknown one is near to', () => {
    for (const [wrong, right] of [
      ['SELFGRAPH_DATAA', 'SELFGRAPH_DATA'],
      ['SELFGRAPH_LOGLEVEL', 'SELFGRAPH_LOG_LEVEL'],
      ['SELFGRAPH_TRUSTED_ISSUER', 'SELFGRAPH_TRUSTED_ISSUERS'],
      ['SELFGRAPH_HTPS_PORT', 'SELFGRAPH_HTTPS_PORT'],
      ['SELFGRAPH_ALLOW_APPS', 'SELFGRAPH_ALLOW_APPLICATIONS'],
      ['SELFGRAPH_MFA_AGE', 'SELFGRAPH_MFA_MAX_AGE'],
    ] as const)
      assert.equal(refused({ [wrong]: '1' }), `${wrong} is not a setting (did you mean ${right}?)`)
    assert.equal(refused({ SELFGRAPH_: '1' }), 'SELFGRAPH_ is not a setting; docs/configuration.md lists them')
  })

  it('belong together where they do', () => {
    assert.match(refused({ SELFGRAPH_TLS_CERT: 'a.pem' }), /go together/)
    assert.match(refused({ SELFGRAPH_TLS_KEY: 'a.pem' }), /go together/)
    assert.deepEqual(readConfig({ SELFGRAPH_TLS_CERT: 'a.pem', SELFGRAPH_TLS_KEY: 'b.pem' }).tlsKey, 'b.pem')
    assert.match(refused({ SELFGRAPH_HTTP_PORT: '0', SELFGRAPH_HTTPS_PORT: '0' }), /nothing to listen on/)
  })
})

describe('A setting that is a secret', () => {
  const folder = mkdtempSync(join(tmpdir(), 'selfgraph-'))
  after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'secret')
  const secret = 's3cret'.repeat(6)
  const read = (content: string | Uint8Array) => {
    writeFileSync(file, content)
    return readConfig({ SELFGRAPH_SECRETS_FILE: file }).secrets?.reveal()
  }

  it('can be given by a file, whose last line break is left out', () => {
    for (const end of ['', '\n', '\r\n']) assert.equal(read(`${secret}${end}`), secret)
    assert.equal(read(`${secret}\n\n`), `${secret}\n`)
    writeFileSync(file, 'postgres://me:s3cret@host/people\n')
    assert.equal(readConfig({ SELFGRAPH_DATABASE_URL_FILE: file }).databaseUrl?.reveal(), 'postgres://me:s3cret@host/people')
  })

  it('is refused when it is given both ways, and a file for what is no secret is no setting', () => {
    assert.equal(
      refused({ SELFGRAPH_SECRETS: secret, SELFGRAPH_SECRETS_FILE: file }),
      'SELFGRAPH_SECRETS and SELFGRAPH_SECRETS_FILE are both set: give one of them',
    )
    assert.match(refused({ SELFGRAPH_HOST_FILE: file }), /^SELFGRAPH_HOST_FILE is not a setting/)
    writeFileSync(file, secret)
    assert.equal(readConfig({ SELFGRAPH_SECRETS: '', SELFGRAPH_SECRETS_FILE: file }).secrets?.reveal(), secret)
  })

  it('is refused in one line that shows neither the file nor its name, which may be the secret by mistake', () => {
    const cases: readonly (readonly [string, string | Uint8Array | undefined, RegExp])[] = [
      [join(folder, 's3cret'), undefined, /the file cannot be read \(ENOENT\)$/],
      [folder, undefined, /the file cannot be read \(EISDIR\)$/],
      [file, '', /the file is empty$/],
      [file, '\n', /the file is empty$/],
      [file, 's3cret', /expected secrets of at least 32 characters each, separated by commas$/],
      [file, Buffer.from([0x73, 0xff]), /the file is not text in UTF-8$/],
      [file, `${secret}\0`, /the file is not text in UTF-8$/],
      [file, 's3cret'.repeat(20_000), /the file has more than 65536 octets$/],
      ['/dev/zero', undefined, /the file has more than 65536 octets$/],
    ]
    for (const [path, content, pattern] of cases) {
      if (content !== undefined) writeFileSync(path, content)
      const message = refused({ SELFGRAPH_SECRETS_FILE: path })
      assert.match(message, pattern)
      assert.doesNotMatch(message, /s3cret|selfgraph-/)
    }
  })
})

describe('A .env file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'selfgraph-'))
  after(() => rmSync(folder, { recursive: true }))
  const read = (text: string | Uint8Array) => {
    writeFileSync(join(folder, '.env'), text)
    return readEnvironmentFile(join(folder, '.env'))
  }

  it('is read with comments, quotes, export, CR LF, values over several lines and names of others', () => {
    const text = `# SELFGRAPH_COMMENT\r\nexport SELFGRAPH_DEMO = 1 # on\r\nSELFGRAPH_DATA="a b"\r\nKEY='one\nSELFGRAPHtwo'\nnonsense of others\nSELFGRAPH_HOST=\n`
    assert.deepEqual({ ...read(text) }, { SELFGRAPH_DEMO: '1', SELFGRAPH_DATA: 'a b', KEY: 'one\nSELFGRAPHtwo', SELFGRAPH_HOST: '' })
  })

  it('sets nothing when it is not there', () => {
    assert.deepEqual(readEnvironmentFile(join(folder, 'no.env')), {})
  })

  it('is refused with the number of the line that sets nothing', () => {
    for (const line of ['SELFGRAPH_DEMO', 'SELFGRAPH_DEMO 1', 'SELFGRAPH_DEMO: 1', '  export SELFGRAPH_DEMO'])
      assert.throws(() => read(`A=b\n\n${line}\n`), /\.env:3: expected SELFGRAPH_DEMO=value$/, line)
  })
})
