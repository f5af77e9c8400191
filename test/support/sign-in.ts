// Users who have signed in, for tests of the token endpoint: codes are kept as authorize keeps them.
import { env } from 'cloudflare:workers'
import { base64url } from 'jose'
import { expect } from 'vitest'
import { type ClientSeed, plantClient } from '../../src/connect/client.seed.ts'
import { Database } from '../../src/database/database.ts'
import { keepGrant, type NewGrant } from '../../src/grants/keep-grant.ts'
import { createHandle } from '../../src/secrets/handle.ts'
import { hashPassword } from '../../src/users/password.ts'
import { type Call, createPartition, ORIGIN, user } from './tenant.ts'

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

/** Gives a user a password, as the deployment keeps it. */
export async function setPassword(id: string, password: string) {
  await env.DB.prepare(
    'update users set password_hash = ? where entity_seq = (select seq from directory_entities where id = ?)',
  )
    .bind(await hashPassword(env, id, password), id)
    .run()
}

/** What a client of the app asks authorize with. */
export const requestOf = async ({ client, partition }: App, more: Record<string, string> = {}) =>
  Object.fromEntries(
    Object.entries({
      response_type: 'code',
      client_id: client.id,
      redirect_uri: REDIRECT_URI,
      scope: 'openid PM.User',
      state: 'a state',
      code_challenge: await challengeOf(VERIFIER),
      code_challenge_method: 'S256',
      ...(partition === client.partition ? undefined : { acr_values: `tenant:${partition}` }),
      ...more,
    }).filter(([, value]) => value !== ''),
  )

type Send = (method: string, path: string, given?: Call) => Promise<Response>

/** A browser: it keeps cookies, and follows redirects only when it is told to. */
export class Browser {
  readonly #send: Send
  readonly cookies = new Map<string, string>()

  constructor(send: Send) {
    this.#send = send
  }

  async get(url: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.#keep(await this.#send('GET', pathOf(url), { headers: { ...this.#cookieHeader(), ...headers } }))
  }

  async post(url: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    const json = new URLSearchParams(fields).toString()
    const all = { 'Content-Type': 'application/x-www-form-urlencoded', ...this.#cookieHeader(), ...headers }
    return this.#keep(await this.#send('POST', pathOf(url), { json, headers: all }))
  }

  /** The sign-in page that a request is answered with. */
  async openPage(request: Record<string, string>) {
    const first = await this.get(`/identity_/connect/authorize?${new URLSearchParams(request)}`)
    const url = first.headers.get('Location') ?? ''
    const response = await this.get(url)
    return { url, response, fields: fieldsOf(await response.text()) }
  }

  /** Signs in at the page, and returns where the client is sent to. */
  async signIn(request: Record<string, string>, username: string, password: string): Promise<URL> {
    const { fields } = await this.openPage(request)
    const answer = await this.post('/identity_/web/login', { ...fields, username, password })
    expect(answer.status, await answer.clone().text()).toBe(302)
    const last = await this.get(answer.headers.get('Location') ?? '')
    return new URL(last.headers.get('Location') ?? '')
  }

  #cookieHeader() {
    return { Cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
  }

  #keep(response: Response): Response {
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      this.cookies.set(name, value)
    }
    return response
  }
}

const pathOf = (url: string) => url.replace(ORIGIN, '')

/** The hidden fields of a page's first form. */
function fieldsOf(text: string): Record<string, string> {
  const [form = ''] = text.split('</form>')
  const inputs = form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)
  return Object.fromEntries([...inputs].map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')]))
}
