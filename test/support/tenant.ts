// What tests share: calls to the real app, tokens of any kind, partitions of their own.
import { env, exports } from 'cloudflare:workers'
import { type JWTPayload, SignJWT } from 'jose'
import { expect } from 'vitest'
import { keyRing } from '../../src/auth/keys.ts'
import { AUDIENCES, SCOPES } from '../../src/auth/scopes.ts'
import { Database } from '../../src/database/database.ts'
import { type EntitySeed, plantEntities } from '../../src/directory/directory.seed.ts'
import { USER_TYPE } from '../../src/directory/member.ts'
import { GROUP_TYPE } from '../../src/groups/group.schema.ts'
import { builtInGroups, type GroupSeed, plantGroups } from '../../src/groups/group.seed.ts'
import { plantPartition } from '../../src/partitions/partition.seed.ts'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'

export const ORIGIN = 'http://tenant.example'
export const ISSUER = `${ORIGIN}/identity_`

export interface Call {
  token?: string | undefined
  /** Sent as JSON, unless it is a string already. */
  json?: unknown
  headers?: Record<string, string>
}

/** One request to the Worker. `path` starts behind `/identity_` unless it names the whole of it. */
export async function call(method: string, path: string, given: Call = {}): Promise<Response> {
  const url = `${ORIGIN}${path.startsWith('/api') || path.startsWith('/connect') ? '/identity_' : ''}${path}`
  return exports.default.fetch(requestTo(url, method, given))
}

/** The request of a {@link Call}. */
export function requestTo(url: string, method: string, { token, json, headers = {} }: Call = {}): Request {
  const body = json === undefined ? null : typeof json === 'string' ? json : JSON.stringify(json)
  return new Request(url, {
    method,
    body,
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(body !== null && { 'Content-Type': 'application/json' }),
      ...headers,
    },
  })
}

/** The answer's body after checking its status; a wrong status prints the body. */
export async function answer<Body = unknown>(response: Response, status = 200): Promise<Body> {
  const text = await response.text()
  expect(response.status, text).toBe(status)
  return JSON.parse(text === '' ? 'null' : text)
}

/** A token this tenant's own key signed, with any claims. A claim that is undefined is left out. */
export async function mint(claims: JWTPayload = {}, header: Record<string, unknown> = {}): Promise<string> {
  const { signing } = await keyRing(env)
  const now = Math.floor(Date.now() / 1000)
  const all = {
    iss: ISSUER,
    aud: AUDIENCES,
    iat: now,
    nbf: now,
    exp: now + 3600,
    client_id: 'test-client',
    scope: [...SCOPES],
    ...claims,
  }
  const kept = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  return new SignJWT(kept)
    .setProtectedHeader({ alg: 'RS256', kid: signing.kid, typ: 'at+jwt', ...header })
    .sign(signing.key)
}

/** A token of an application that administers `partition`. */
export const adminOf = (partition: string, scope: string[] = [...SCOPES]) => mint({ prt_id: partition, scope })

/** A token of a host administrator. */
export const hostAdmin = (scope: string[] = [...SCOPES]) => mint({ prt_id: HOST_PARTITION, host: 'True', scope })

export const user = (id: string): EntitySeed => ({
  id,
  type: USER_TYPE.user,
  name: id,
  displayName: `User ${id}`,
  creationTime: '2024-01-02T03:04:05',
})

export const customGroup = (id: string, name: string, members: readonly string[] = []): GroupSeed => ({
  id,
  name,
  type: GROUP_TYPE.custom,
  creationTime: '2024-02-29T12:00:00.5',
  lastModificationTime: null,
  members,
})

/** A partition of the test's own, with the built-in groups. */
export async function createPartition(
  seed: { entities?: EntitySeed[]; groups?: GroupSeed[] } = {},
  id: string = crypto.randomUUID(),
) {
  await new Database(env.DB).batch(
    plantPartition({ id, name: `org-${id}` }),
    ...plantEntities(id, seed.entities ?? []),
    ...plantGroups(id, [...builtInGroups('2024-01-01T00:00:00'), ...(seed.groups ?? [])]),
  )
  return id
}
