// Users who have signed in, for tests of the token endpoint: codes are kept as authorize keeps them.
import { env } from 'cloudflare:workers'
import { base64url } from 'jose'
import { type ClientSeed, plantClient } from '../../src/connect/client.seed.ts'
import { Database } from '../../src/database/database.ts'
import { keepGrant, type NewGrant } from '../../src/grants/keep-grant.ts'
import { createHandle } from '../../src/secrets/handle.ts'
import { createPartition, user } from './tenant.ts'

export const VERIFIER = 'a-verifier-of-forty-three-characters-or-more'

export const challengeOf = async (verifier: string) =>
  base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))))

export const REDIRECT_URI = 'https://app.example/callback'

/** A partition with a user and a public client. */
export async function createApp(seed: Partial<ClientSeed> = {}) {
  const person = { ...user(crypto.randomUUID()), email: 'ada@org.example', firstName: 'Ada', lastName: 'Admin' }
  const partition = seed.partition ?? (await createPartition({ entities: [person] }))
  const client = {
    id: crypto.randomUUID(),
    secret: '',
    partition,
    scopes: ['openid', 'profile', 'email', 'PM.User', 'PM.Group'],
    hostAdmin: false,
    grantTypes: ['authorization_code'],
    redirectUris: [REDIRECT_URI],
    ...seed,
  }
  await new Database(env.DB).batch(await plantClient(client))
  return { client, partition, user: person }
}

export type App = Awaited<ReturnType<typeof createApp>>

/** A code that the user of the app has been sent back with, and the form that redeems it. */
export async function createCode({ client, partition, user: { id } }: App, more: Partial<NewGrant> = {}) {
  const { text, hash } = await createHandle(env, 'code')
  const [now, codeChallenge] = [Date.now(), await challengeOf(VERIFIER)]
  const details = {
    authTime: Math.floor(now / 1000),
    amr: 'pwd',
    redirectUri: REDIRECT_URI,
    codeChallenge,
    nonce: 'n-1',
  }
  const grant: NewGrant = {
    kind: 'code',
    hash,
    partition,
    client: client.id,
    user: id,
    sessionId: 'A'.repeat(32),
    scopes: ['openid', 'profile', 'offline_access', 'PM.User'],
    details,
    lifetime: 300_000,
    now,
    ...more,
  }
  await new Database(env.DB).batch(keepGrant(grant))
  const fields = {
    grant_type: 'authorization_code',
    client_id: client.id,
    code: text,
    redirect_uri: REDIRECT_URI,
    code_verifier: VERIFIER,
  }
  return { code: text, hash, fields }
}
