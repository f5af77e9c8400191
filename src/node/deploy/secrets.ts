// The secrets a deployment has: how each is made, and which of them whoever deploys is shown.
import { generateKeyPairSync, randomBytes } from 'node:crypto'

interface Secret {
  make: () => string
  /** Shown when it is made: somebody has to know it. */
  shown: boolean
}

const random = () => randomBytes(32).toString('base64url')

const rsaKey = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey

/** By the name the Worker knows it under. */
export const SECRETS: Readonly<Record<string, Secret>> = {
  SIGNING_KEY: { make: rsaKey, shown: false },
  CONTROL_TOKEN: { make: random, shown: true },
  // What is stored cannot be read without it: a backup is worth nothing where it is lost.
  ENCRYPTION_KEY: { make: random, shown: true },
}

/** The secret of the first client. It is no secret of the Worker, which keeps a hash of it in D1. */
export const CLIENT_SECRET = 'ADMIN_CLIENT_SECRET'

export const makeClientSecret = random

/** What `--rotate` takes. The encryption key is not among them: what it has sealed has to be sealed anew. */
export const ROTATABLE = ['SIGNING_KEY', 'CONTROL_TOKEN', CLIENT_SECRET]
