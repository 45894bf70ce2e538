/** The certificate of the https listener: the operator's own, or a development certificate made once and kept. */

import { createPrivateKey, type KeyObject, webcrypto, X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { StartError } from '../errors.ts'
import { closeToOthers, makeFolder, writePrivate } from '../private-files.ts'
import type { NewKeys } from '../randomness.ts'

export interface Certificate {
  readonly cert: string
  readonly key: string
  /** Where clients find the development certificate, to trust it; undefined for the operator's own. */
  readonly trustFile: string | undefined
  /** It took the place of one that was kept until now: clients that trusted that one are to be given this one. */
  readonly replaced: boolean
}

interface Options {
  readonly folder: string
  readonly certFile: string | undefined
  readonly keyFile: string | undefined
  readonly host: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly randomOctets: (count: number) => Uint8Array
  readonly newKeys: NewKeys
}

type Means = Pick<Options, 'now' | 'randomOctets' | 'newKeys'>

const lifetimeDays = 825
/** A development certificate is made anew when it has no more left than this. */
export const renewalDays = 30
const day = 86_400_000

/** Throws StartError with one line where a file cannot be used. */
export async function openCertificate({ folder, certFile, keyFile, host, ...means }: Options): Promise<Certificate> {
  if (certFile !== undefined && keyFile !== undefined)
    return { ...(await readPair(certFile, keyFile)), trustFile: undefined, replaced: false }
  const files = developmentFiles(folder)
  const kept =
    existsSync(files.cert) && existsSync(files.key)
      ? { cert: await readFile(files.cert, 'utf8'), key: await readFile(files.key, 'utf8') }
      : undefined
  const usable = kept !== undefined && isUsable(kept, host, means.now)
  const pair = usable ? kept : await makeCertificate(host, means)
  if (!usable) {
    makeFolder(folder)
    // Names that no other start thinks of: two at once must not write into one file.
    const name = Buffer.from(means.randomOctets(8)).toString('hex')
    await writePrivate(files.key, pair.key, name)
    await writePrivate(files.cert, pair.cert, name)
  }
  closeToOthers(files.key)
  return { ...pair, trustFile: resolve(files.cert), replaced: kept !== undefined && !usable }
}

export function developmentFiles(folder: string): { readonly cert: string; readonly key: string } {
  return { cert: join(folder, 'development-certificate.pem'), key: join(folder, 'development-key.pem') }
}

/** The operator's own. Whatever is wrong with it shows now, not in the first handshake. Throws StartError with one line. */
export async function readPair(certFile: string, keyFile: string): Promise<{ cert: string; key: string }> {
  const cert = await readPem(certFile, 'SELFGRAPH_TLS_CERT')
  const key = await readPem(keyFile, 'SELFGRAPH_TLS_KEY')
  const certificate = parsePem(() => new X509Certificate(cert), `SELFGRAPH_TLS_CERT: ${certFile} holds no certificate in PEM form`)
  const privateKey = parsePem(
    () => createPrivateKey(key),
    `SELFGRAPH_TLS_KEY: ${keyFile} holds no private key in PEM form, or one with a passphrase`,
  )
  if (!certificate.checkPrivateKey(privateKey))
    throw new StartError(`SELFGRAPH_TLS_KEY: the key in ${keyFile} is not that of the certificate in ${certFile}`, 'badConfig')
  return { cert, key }
}

function parsePem<T extends X509Certificate | KeyObject>(parse: () => T, complaint: string): T {
  try {
    return parse()
  } catch (error) {
    throw new StartError(complaint, 'badConfig', error)
  }
}

async function readPem(file: string, setting: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new StartError(
      `${setting}: ${file} cannot be read (${error instanceof Error ? error.message : String(error)})`,
      'badConfig',
      error,
    )
  }
}

function isUsable({ cert, key }: { readonly cert: string; readonly key: string }, host: string, now: number): boolean {
  try {
    const certificate = new X509Certificate(cert)
    if (!certificate.checkPrivateKey(createPrivateKey(key))) return false
    const named = certificate.checkHost(host) !== undefined || certificate.checkIP(host) !== undefined
    return named && !certificate.ca && Date.parse(certificate.validTo) - now > renewalDays * day
  } catch {
    return false
  }
}

/** Self-signed, for `host` and the loopback names. A client trusts it by being given it (`NODE_EXTRA_CA_CERTS`). */
async function makeCertificate(host: string, { now, randomOctets, newKeys }: Means): Promise<{ cert: string; key: string }> {
  // Loaded here, since a start with a kept certificate needs none of it.
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(webcrypto)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await newKeys('ES256')
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: Buffer.from(randomOctets(16))
      .toString('hex')
      .replace(/^[89a-f]/, '1'),
    name: 'CN=Selfgraph development certificate',
    notBefore: new Date(now - day),
    notAfter: new Date(now + lifetimeDays * day),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      // It speaks for this server alone: a client that trusts it trusts no other certificate, whoever gets hold of the key.
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        [...new Set([host, 'localhost', '127.0.0.1', '::1'])].map((value) => ({ type: /^[\d.]+$|:/.test(value) ? 'ip' : 'dns', value })),
      ),
      // Without these a client that trusts two of our certificates, which share a subject, cannot tell them apart.
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { cert: `${certificate.toString('pem')}\n`, key: `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n` }
}
