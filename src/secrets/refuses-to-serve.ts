// What a deployment must not be run with. Local runs may: they are reached from their own machine alone.
import { MemoryOf } from '../http/isolate-memory.ts'
import { isEncryptionKey, oldKeys } from './encryption-keys.ts'
import { LOCAL_CONTROL_TOKEN } from './local-control-token.ts'

const MIN_CONTROL_TOKEN = 24

/**
 * Private RSA keys that stand in public documents and are pasted from there, by a part of the modulus that both a PEM
 * and a JWK show: the example key of jwt.io.
 */
const PUBLISHED_KEYS = ['VJTUt9Us8cKj', 'u1SU1LfVLPHC']

/** SHA-256, base64url, of the client secrets that the documents name for local runs. */
const PUBLISHED_CLIENT_SECRETS: readonly string[] = [
  'VMx5Ien-S4gIiS-NU-J8mSjOxhry4c8ApczXsdTdSOs',
  'NZNudT9PYbv3clXJwBOvDKX_R3yW3dTFWTnEycsooLY',
]

const checked = new MemoryOf<Cloudflare.Env, readonly string[]>('fitness')

/** `npm start`, `npm run dev`, and tests. */
export const isLocalRun = ({ EMBEDDED, LOCAL }: Cloudflare.Env) => Boolean(EMBEDDED || LOCAL)

/** Why nothing may be served with `env`: what is wrong with which secret, never its value. Empty: nothing is. */
export const refusesToServe = (env: Cloudflare.Env): readonly string[] =>
  checked.getOrMake(env, () => (isLocalRun(env) ? [] : reasonsAgainst(env)))

/** Why no token may be issued for a secret of that hash: everybody knows it. */
export const refusesClientSecret = (env: Cloudflare.Env, secretHash: string): readonly string[] =>
  !isLocalRun(env) && PUBLISHED_CLIENT_SECRETS.includes(secretHash)
    ? ['a client of local runs is registered, with the secret that the documents name']
    : []

function reasonsAgainst(env: Cloudflare.Env): string[] {
  const { ENCRYPTION_KEY, SIGNING_KEY, CONTROL_TOKEN } = env
  const reasons: [wrong: boolean, reason: string][] = [
    [!ENCRYPTION_KEY, 'ENCRYPTION_KEY is missing'],
    [!!ENCRYPTION_KEY && !isEncryptionKey(ENCRYPTION_KEY), 'ENCRYPTION_KEY is not 32 bytes in base64url'],
    [!oldKeys(env).every(isEncryptionKey), 'ENCRYPTION_KEYS_OLD holds a key that is not 32 bytes in base64url'],
    [isPublished(SIGNING_KEY), 'SIGNING_KEY is a published example'],
    [CONTROL_TOKEN === LOCAL_CONTROL_TOKEN, 'CONTROL_TOKEN is the one of local runs'],
    [
      !!CONTROL_TOKEN && CONTROL_TOKEN !== LOCAL_CONTROL_TOKEN && CONTROL_TOKEN.length < MIN_CONTROL_TOKEN,
      `CONTROL_TOKEN has less than ${MIN_CONTROL_TOKEN} characters`,
    ],
  ]
  return reasons.flatMap(([wrong, reason]) => (wrong ? [reason] : []))
}

function isPublished(signingKey = ''): boolean {
  const key = signingKey.replace(/\s/g, '')
  return PUBLISHED_KEYS.some((part) => key.includes(part))
}
