// The reasons for which a deployment refuses to serve: missing, weak or published secrets. Local runs may have them, as they
// can be reached from their own machine alone.
import { MemoryOf } from '../http/isolate-memory.ts'
import { isLocalRun } from '../http/local-run.ts'
import { isEncryptionKey, oldKeys } from './encryption-keys.ts'
import { LOCAL_CONTROL_TOKEN } from './local-control-token.ts'

/** Shorter control tokens are refused, as they could be guessed. In characters. */
const MIN_CONTROL_TOKEN = 24

/**
 * Private RSA keys from public documents, which people paste: the example key of jwt.io. Each is known by a part of its
 * modulus that is the same text in a PEM and in a JWK.
 */
const PUBLISHED_KEYS = ['VJTUt9Us8cKj', 'u1SU1LfVLPHC']

/** SHA-256, in base64url, of the client secrets that this project's documents name for local runs. */
const PUBLISHED_CLIENT_SECRETS: readonly string[] = [
  'VMx5Ien-S4gIiS-NU-J8mSjOxhry4c8ApczXsdTdSOs',
  'NZNudT9PYbv3clXJwBOvDKX_R3yW3dTFWTnEycsooLY',
]

const reasonsByEnv = new MemoryOf<Cloudflare.Env, readonly string[]>('fitness')

/**
 * Why no request may be served with the secrets of `env`: for each that is wrong its name and the reason, never its value.
 * Empty if all are right.
 *
 * @example
 * const reasons = refusesToServe(env)
 * if (reasons.length > 0) return answerNotServing(reasons)
 */
export const refusesToServe = (env: Cloudflare.Env): readonly string[] =>
  reasonsByEnv.getOrMake(env, () => (isLocalRun(env) ? [] : reasonsAgainst(env)))

/** Why no token may be issued to a client with a secret of that hash: it is published. Empty if it is not. */
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
