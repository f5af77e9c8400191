// No secret is in the repository or in what is deployed.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { bundleWorker } from '../../src/node/build/bundle.ts'
import { findSecrets } from './secret-scan.ts'

/** Checksums of packages, which npm writes and reads. */
const CHECKSUMS = /(?:^|\/)package-lock\.json$/

/** What looks like a secret and is none, by file, with the reason. */
const ALLOWED: Record<string, Record<string, string>> = {
  'test/secrets/refuses-to-serve.test.ts': {
    'a-token-of-24-characters': 'says what it is',
    '-----BEGIN PRIVATE KEY-----': 'the first line of the published key of jwt.io, which is refused',
  },
  'test/secrets/rotate-secrets.test.ts': { 'a-token-of-24-characters': 'says what it is' },
  'test/node/rotate-secrets.test.ts': { 'a-token-of-24-characters': 'says what it is' },
  'test/secrets/sealed-settings.test.ts': { 'sealed:v1:AAAAAAAA:': 'only looks like a sealed text' },
}

const allowed = (file: string, text: string) =>
  Object.keys(ALLOWED[file] ?? {}).some((beginning) => text.startsWith(beginning))

const random = (bytes: number) => randomBytes(bytes).toString('base64url')

test.each([
  ['a private key', `-----BEGIN PRIVATE ${'KEY'}-----\n${randomBytes(32).toString('base64')}\n`],
  ['a private JWK', JSON.stringify({ kty: 'RSA', d: random(64) })],
  [
    'a JWT',
    ['{"alg":"none"}', '{"sub":"somebody"}', 'a signature']
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.'),
  ],
  ['a GitHub token', `gh${'p'}_${randomBytes(18).toString('hex')}`],
  ['an AWS key', `AK${'IA'}ABCDEFGHIJKLMNOP`],
  ['a client secret', `client_secret: '${random(24)}1a'`],
  ['an encryption key in an env file', `ENCRYPTION_KEY=${random(32)}1a`],
  ['a password in JSON', `{"password":"${random(18)}1a"}`],
])('the scan finds %s', (_, text) => {
  expect(findSecrets(`before ${text} after`)).not.toEqual([])
})

test.each([
  "secret: 'hogwarts-admin-secret'",
  'token = await fetchToken(url)',
  "key: 'Auth.Password.PasswordComplexity'",
])('the scan does not mind %s', (text) => expect(findSecrets(text)).toEqual([]))

test('no file of the repository holds a secret', async () => {
  const { stdout } = await promisify(execFile)('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  const files = stdout.split('\0').filter((file) => file !== '' && !CHECKSUMS.test(file))
  const found: string[] = []
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '')
    for (const finding of findSecrets(text)) {
      if (!allowed(file, finding.text)) found.push(`${file}: ${finding.what}: ${finding.text.slice(0, 12)}…`)
    }
  }
  expect(files.length).toBeGreaterThan(100)
  expect(found).toEqual([])
})

test('no file that may hold the secrets of somebody’s own is in the repository', async () => {
  const { stdout } = await promisify(execFile)('git', ['ls-files'])
  expect(
    stdout.split('\n').filter((file) => /(^|\/)(\.dev\.vars|\.env)(?!\.example$)|\.(key|pem|p12|sqlite)$/.test(file)),
  ).toEqual([])
})

test('the Worker holds no secret, not even those of local runs', async () => {
  const bundle = await bundleWorker(resolve('src/index.ts'))
  expect(findSecrets(bundle)).toEqual([])
  for (const secret of ['host-admin-secret', 'hogwarts-admin-secret', 'protego-spell']) {
    expect(bundle).not.toContain(secret)
  }
})
