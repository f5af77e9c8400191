// The certificate of a local run over https: self-signed, kept in the state directory, so that a client can be told once to
// trust it. Node reads X.509 certificates and makes none; what one is made of is written here in DER.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { makePrivateFile } from '../state/owner-only.ts'

/** The files' names in the state directory. */
export const CERTIFICATE = 'certificate.pem'
export const CERTIFICATE_KEY = 'certificate.key'

const DAY_MS = 86_400_000
const DAYS = 365

const LOOPBACK = ['localhost', '127.0.0.1', '::1']

/**
 * The file (PEM) of the certificate in `stateDir`, a directory that exists. It is made again if it names other hosts or ends within
 * a day.
 * @param hosts names beside those of loopback
 */
export function localCertificate(stateDir: string, hosts: readonly string[]): string {
  const [file, keyFile] = [join(stateDir, CERTIFICATE), join(stateDir, CERTIFICATE_KEY)]
  const names = [...new Set([...LOOPBACK, ...hosts.map((host) => host.replace(/^\[|\]$/g, ''))])]
  if (existsSync(file) && existsSync(keyFile)) {
    if (isUsable(readFileSync(file, 'utf8'), names)) return file
  }
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  makePrivateFile(keyFile)
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(file, toPem(certificateOf(publicKey, privateKey, names)))
  return file
}

function isUsable(pem: string, names: readonly string[]): boolean {
  const { validToDate, subject } = new X509Certificate(pem)
  return validToDate.getTime() - Date.now() > DAY_MS && subject === `CN=${commonName(names)}`
}

/** The subject: it stands for the names, which tells whether the certificate is for those wanted. */
const commonName = (names: readonly string[]) =>
  `identity-edge ${createHash('sha256').update(names.join()).digest('hex').slice(0, 16)}`

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body])
  const length = Buffer.from(body.length.toString(16).padStart(4, '0'), 'hex')
  return Buffer.concat([Buffer.from([tag, 0x80 + length.length]), length, body])
}

const [SEQUENCE, SET, INTEGER, OCTETS, BITS, OID, UTF8, UTC_TIME] = [0x30, 0x31, 0x02, 0x04, 0x03, 0x06, 0x0c, 0x17]
const oid = (hex: string) => der(OID, Buffer.from(hex, 'hex'))
const bits = (content: Buffer, unused = 0) => der(BITS, Buffer.from([unused]), content)
const time = (milliseconds: number) =>
  der(UTC_TIME, Buffer.from(`${new Date(milliseconds).toISOString().replace(/\D/g, '').slice(2, 14)}Z`))
const extension = (id: string, value: Buffer) => der(SEQUENCE, oid(id), der(OCTETS, value))

/** The 16 bytes of an IPv6 address. */
function addressOf(text: string): Buffer {
  const [head = '', tail = ''] = text.split('::').map((half) =>
    half
      .split(':')
      .filter(Boolean)
      .map((group) => group.padStart(4, '0'))
      .join(''),
  )
  return Buffer.from(head + '0'.repeat(32 - head.length - tail.length) + tail, 'hex')
}

/** Context tags of a GeneralName: 2 for a name, 7 for an address. */
function alternativeName(name: string): Buffer {
  if (isIP(name) === 4) return der(0x87, Buffer.from(name.split('.').map(Number)))
  if (isIP(name) === 6) return der(0x87, addressOf(name))
  return der(0x82, Buffer.from(name))
}

function certificateOf(publicKey: KeyObject, privateKey: KeyObject, names: readonly string[]): Buffer {
  const algorithm = der(SEQUENCE, oid('2a8648ce3d040302')) // ecdsa-with-SHA256
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, oid('550403'), der(UTF8, Buffer.from(commonName(names))))))
  const extensions = der(
    SEQUENCE,
    extension('551d13', der(SEQUENCE)), // basicConstraints: no authority, so that it signs no other certificate
    extension('551d0f', bits(Buffer.from([0x80]), 7)), // keyUsage: digitalSignature
    extension('551d25', der(SEQUENCE, oid('2b06010505070301'))), // extKeyUsage: serverAuth
    extension('551d11', der(SEQUENCE, ...names.map(alternativeName))),
  )
  const begin = Date.now() - DAY_MS
  const toBeSigned = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.from([1]), randomBytes(15)),
    algorithm,
    name,
    der(SEQUENCE, time(begin), time(begin + DAYS * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  )
  return der(SEQUENCE, toBeSigned, algorithm, bits(sign('sha256', toBeSigned, privateKey)))
}

const toPem = (certificate: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`
