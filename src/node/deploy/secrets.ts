// The secrets of a deployment: how each is made, and whether it is printed.
import { generateKeyPairSync, randomBytes } from 'node:crypto'

interface Secret {
  make: () => string
  /** Whether it is printed when it is made, because the user needs it. */
  shown: boolean
}

const random = () => randomBytes(32).toString('base64url')

const rsaKey = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey

export const ENCRYPTION_KEY = 'ENCRYPTION_KEY'

export const CONTROL_TOKEN = 'CONTROL_TOKEN'

export const isEncryptionKey = (text: string) => Buffer.from(text, 'base64url').length === 32

/** By the name of the Worker's secret. */
export const SECRETS: Readonly<Record<string, Secret>> = {
  SIGNING_KEY: { make: rsaKey, shown: false },
  [CONTROL_TOKEN]: { make: random, shown: true },
  // Printed, because a backup restored elsewhere needs it: without the key the secrets in it cannot be decrypted.
  [ENCRYPTION_KEY]: { make: random, shown: true },
}

/** The first OAuth client's secret, by the name of its environment variable. The Worker has only its hash, in D1. */
export const CLIENT_SECRET = 'ADMIN_CLIENT_SECRET'

export const makeClientSecret = random

/**
 * The names that `--rotate` takes. Not ENCRYPTION_KEY: a new one needs the stored secrets re-encrypted (rotate-secrets).
 */
export const ROTATABLE = ['SIGNING_KEY', CONTROL_TOKEN, CLIENT_SECRET]
