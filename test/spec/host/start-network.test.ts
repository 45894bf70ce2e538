import assert from 'node:assert/strict'
import 'reflect-metadata'
import { createPrivateKey, generateKeyPairSync, webcrypto, X509Certificate } from 'node:crypto'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer as createSecureServer, get } from 'node:https'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { TLSSocket } from 'node:tls'
import * as x509 from '@peculiar/x509'
import { openCertificate } from '../../../src/http/certificate.ts'
import { randomness } from '../../../src/randomness.ts'
import { failingStart, freePort, freshFolder, serveProcess } from '../../support/program.ts'

/** A listener that another program has. */
async function taken(host: string, port = 0): Promise<number> {
  const server: Server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
  after(() => server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

describe('A start on a port that another program has', { concurrency: 2 }, () => {
  for (const [scheme, setting, other] of [
    ['https', 'SELFGRAPH_HTTPS_PORT', 'SELFGRAPH_HTTP_PORT'],
    ['http', 'SELFGRAPH_HTTP_PORT', 'SELFGRAPH_HTTPS_PORT'],
  ] as const)
    it(`ends with one line and exit code 69 that names the port of ${scheme} and its setting`, async () => {
      const port = await taken('127.0.0.1')
      const { code, line } = await failingStart({
        settings: { SELFGRAPH_DATA: await freshFolder(), [setting]: String(port), [other]: String(await freePort()) },
      })
      assert.deepEqual(
        { code, line },
        {
          code: 69,
          line: `selfgraph: port ${port} on 127.0.0.1 is taken by another program: stop it, or choose another port with ${setting}`,
        },
      )
    })

  it('ends in the same way when the other program has it on the IPv6 loopback address only, where clients would find it', async (test) => {
    const port = await freePort()
    try {
      await taken('::1', port)
    } catch {
      test.skip('this machine has no IPv6')
      return
    }
    const { code, line } = await failingStart({
      settings: { SELFGRAPH_DATA: await freshFolder(), SELFGRAPH_HTTPS_PORT: '0', SELFGRAPH_HTTP_PORT: String(port) },
    })
    assert.equal(code, 69)
    assert.equal(
      line,
      `selfgraph: port ${port} on ::1 is taken by another program: stop it, or choose another port with SELFGRAPH_HTTP_PORT`,
    )
  })
})

/** Files that may be given as a certificate or its key, by what is in them. */
async function pemFiles() {
  const folder = await freshFolder()
  const { cert, key } = await openCertificate({
    folder,
    certFile: undefined,
    keyFile: undefined,
    host: 'localhost',
    now: Date.now(),
    ...randomness,
  })
  const pem = { format: 'pem', type: 'pkcs8' } as const
  const write = async (name: string, content: string | Buffer) => {
    await writeFile(join(folder, name), content)
    return join(folder, name)
  }
  await mkdir(join(folder, 'folder'))
  return {
    cert: await write('cert.pem', cert),
    key: await write('key.pem', key),
    otherKey: await write('other-key.pem', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(pem)),
    rsaKey: await write('rsa-key.pem', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pem)),
    lockedKey: await write('locked-key.pem', createPrivateKey(key).export({ ...pem, cipher: 'aes-256-cbc', passphrase: 'secret' })),
    text: await write('text.pem', 'neither a certificate nor a key\n'),
    folder: join(folder, 'folder'),
    missing: join(folder, 'missing.pem'),
    unset: undefined,
  }
}

describe("A start with the operator's own certificate", { concurrency: 2 }, async () => {
  const files = await pemFiles()

  const start = async (cert: string | undefined, key: string | undefined) =>
    failingStart({
      settings: {
        SELFGRAPH_DATA: await freshFolder(),
        SELFGRAPH_HTTP_PORT: '0',
        SELFGRAPH_HTTPS_PORT: String(await freePort()),
        ...(cert === undefined ? {} : { SELFGRAPH_TLS_CERT: cert }),
        ...(key === undefined ? {} : { SELFGRAPH_TLS_KEY: key }),
      },
    })

  const together = /^selfgraph: SELFGRAPH_TLS_CERT and SELFGRAPH_TLS_KEY go together: one of them is not set$/
  const cases: readonly (readonly [string, keyof typeof files, keyof typeof files, RegExp])[] = [
    ['the key is not set', 'cert', 'unset', together],
    ['the certificate is not set', 'unset', 'key', together],
    ['the certificate does not exist', 'missing', 'key', /^selfgraph: SELFGRAPH_TLS_CERT: \S+ cannot be read \(ENOENT: /],
    ['the key does not exist', 'cert', 'missing', /^selfgraph: SELFGRAPH_TLS_KEY: \S+ cannot be read \(ENOENT: /],
    ['the certificate is a folder', 'folder', 'key', /^selfgraph: SELFGRAPH_TLS_CERT: \S+ cannot be read \(EISDIR: /],
    ['the certificate is no PEM', 'text', 'key', /^selfgraph: SELFGRAPH_TLS_CERT: \S+ holds no certificate in PEM form$/],
    ['the files are swapped', 'key', 'cert', /^selfgraph: SELFGRAPH_TLS_CERT: \S+ holds no certificate in PEM form$/],
    ['the key is no PEM', 'cert', 'text', /^selfgraph: SELFGRAPH_TLS_KEY: \S+ holds no private key in PEM form, or one with a passphrase$/],
    ['the key has a passphrase', 'cert', 'lockedKey', /^selfgraph: SELFGRAPH_TLS_KEY: \S+ holds no private key in PEM form, or one with/],
    ['the key is another one', 'cert', 'otherKey', /^selfgraph: SELFGRAPH_TLS_KEY: the key in \S+ is not that of the certificate in \S+$/],
    [
      'the key is of another kind',
      'cert',
      'rsaKey',
      /^selfgraph: SELFGRAPH_TLS_KEY: the key in \S+ is not that of the certificate in \S+$/,
    ],
  ]
  for (const [what, cert, key, said] of cases)
    it(`ends with one line and exit code 78 when ${what}`, async () => {
      const { code, line } = await start(files[cert], files[key])
      assert.match(line, said)
      assert.equal(code, 78)
    })

  it('serves that certificate, makes none for development and names none to trust', async () => {
    const port = await freePort()
    const folder = await freshFolder()
    const server = await serveProcess({
      folder,
      settings: { SELFGRAPH_HTTPS_PORT: String(port), SELFGRAPH_TLS_CERT: files.cert, SELFGRAPH_TLS_KEY: files.key },
    })
    const ca = await readFile(files.cert, 'utf8')
    const served = await new Promise<string>((resolve, reject) => {
      get({ host: 'localhost', port, path: '/health/live', ca, agent: false }, (response) => {
        const { raw } = (response.resume().socket as TLSSocket).getPeerCertificate() // it came by https
        response.on('end', () => resolve(new X509Certificate(raw).fingerprint256))
      }).on('error', reject)
    })
    assert.equal(served, new X509Certificate(ca).fingerprint256)
    await assert.rejects(stat(join(folder, 'development-certificate.pem')), { code: 'ENOENT' })
    assert.doesNotMatch(server.stderr(), /NODE_EXTRA_CA_CERTS/)
  })
})

interface Pair {
  readonly cert: string
  readonly key: string
}

/** A certificate for a host: signed by another one, else by itself. */
async function signed(
  host: string,
  { issuer, authority = false }: { readonly issuer?: Pair; readonly authority?: boolean },
): Promise<Pair> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair // so says the algorithm
  const theirs = issuer === undefined ? undefined : new x509.X509Certificate(issuer.cert)
  const signingKey =
    issuer === undefined
      ? keys.privateKey
      : await webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(issuer.key), algorithm, true, ['sign'])
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: '11',
    subject: `CN=${host}`,
    issuer: theirs?.subject ?? `CN=${host}`,
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 100 * 86_400_000),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(authority, undefined, true),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }]),
    ],
  })
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { cert: issuer === undefined ? certificate.toString('pem') : `${certificate.toString('pem')}\n${issuer.cert}`, key }
}

/** A server with a certificate; answers its port. */
async function serving(pair: Pair): Promise<number> {
  const server = createSecureServer(pair, (_, response) => response.end('hello'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** What a client that trusts `ca` alone gets from the port under a name. */
function asked(port: number, servername: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, servername, ca, agent: false }, (response) => {
      response.setEncoding('utf8').on('data', resolve)
    }).on('error', (error: Error & { code?: string }) => reject(new Error(error.code)))
  })
}

describe('The development certificate', () => {
  const made = async (folder: string, now = Date.now(), host = 'localhost') =>
    (await openCertificate({ folder, certFile: undefined, keyFile: undefined, host, now, ...randomness })).cert

  it('is kept from start to start, and made anew when it runs out, lacks the host, or is damaged', async () => {
    const folder = await freshFolder()
    const first = await made(folder)
    assert.equal(await made(folder), first)
    const later = Date.now() + 800 * 86_400_000
    const renewed = await made(folder, later)
    assert.notEqual(renewed, first)
    assert.equal(await made(folder, later), renewed)
    const named = await made(folder, later, 'graph.example.org')
    assert.notEqual(named, renewed)
    assert.equal(new X509Certificate(named).checkHost('graph.example.org'), 'graph.example.org')
    await writeFile(join(folder, 'development-key.pem'), 'no key')
    const mended = await made(folder, later)
    assert.notEqual(mended, named)
    await writeFile(join(folder, 'development-certificate.pem'), 'no certificate')
    assert.notEqual(await made(folder, later), mended)
  })

  it('is no authority: a client that trusts it trusts nothing that its key signed', async () => {
    const folder = await freshFolder()
    const ca = await made(folder)
    assert.equal(new X509Certificate(ca).ca, false)
    const forged = await signed('evil.example', { issuer: { cert: ca, key: await readFile(join(folder, 'development-key.pem'), 'utf8') } })
    const port = await serving(forged)
    await assert.rejects(asked(port, 'evil.example', ca), /UNSPECIFIED|UNABLE_TO|INVALID_CA/)
    assert.equal(await asked(await serving(await signed('evil.example', {})), 'evil.example', ca).catch(() => 'refused'), 'refused')
  })

  it('is replaced by the next start where it is an authority, as it was once; a start says that it is a new one', async () => {
    const folder = await freshFolder()
    const old = await signed('localhost', { authority: true })
    await writeFile(join(folder, 'development-certificate.pem'), old.cert)
    await writeFile(join(folder, 'development-key.pem'), old.key)
    const settings = { SELFGRAPH_HTTPS_PORT: String(await freePort()) }
    const first = await serveProcess({ folder, settings })
    assert.match(first.stderr(), /the certificate is a new one: clients that were given the old one need it/)
    const kept = await readFile(join(folder, 'development-certificate.pem'), 'utf8')
    assert.equal(new X509Certificate(kept).ca, false)
    first.child.kill('SIGTERM')
    await first.ended
    const next = await serveProcess({ folder, settings })
    assert.doesNotMatch(next.stderr(), /the certificate is a new one/)
    assert.equal(await readFile(join(folder, 'development-certificate.pem'), 'utf8'), kept)
  })

  it('has a key that nobody else on the machine may read', async () => {
    const folder = await freshFolder()
    await made(folder)
    assert.equal((await stat(join(folder, 'development-key.pem'))).mode & 0o077, 0)
  })
})
