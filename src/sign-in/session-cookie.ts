// The cookie of a user who is signed in: it names the session, its partition and user, and a MAC over them.

import type { Context } from 'hono'
import { base64url } from 'jose'
import type { AppEnv } from '../database/session.ts'
import { hex } from '../secrets/handle.ts'
import { hasMac, macOf } from '../secrets/mac.ts'

/** Whom a browser is signed in as. */
export interface Session {
  /** The claim `sid`. */
  readonly id: string
  readonly partition: string
  readonly user: string
}

type RequestContext = Pick<Context<AppEnv>, 'env' | 'req'>

// Real server: the name (observed).
const NAME = 'idsrv.session'

const encoder = new TextEncoder()

/**
 * The name of a cookie here. On https its prefix lets no other host and no plain page set it. On http it has the id of the
 * server, which is derived from its key: ports of a host share their cookies, so that two local servers would sign each other out.
 */
async function nameOf({ env, req }: RequestContext, name: string): Promise<string> {
  if (req.url.startsWith('https:')) return `__Host-${name}`
  return `${name}.${hex(await macOf(env, 'session', encoder.encode('server'))).slice(0, 12)}`
}

/** The value of the request's cookie of that name; undefined if there is none. */
export async function readCookie(c: RequestContext, name: string): Promise<string | undefined> {
  const prefix = `${await nameOf(c, name)}=`
  const found = c.req
    .header('Cookie')
    ?.split(/;\s*/)
    .find((cookie) => cookie.startsWith(prefix))
  return found?.slice(prefix.length)
}

/** A Set-Cookie header. No script reads it, and no request that another site makes has it, but for links that are followed. */
export async function writeCookie(c: RequestContext, name: string, value: string): Promise<string> {
  const secure = c.req.url.startsWith('https:') ? '; Secure' : ''
  const expiry = value === '' ? '; Max-Age=0' : ''
  return `${await nameOf(c, name)}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}${expiry}`
}

/** The session that the request's cookie names; undefined without one, or for one that this deployment did not make. */
export async function readSession(c: RequestContext): Promise<Session | undefined> {
  const [, content, mac] = /^([\w-]+)\.([\w-]{22})$/.exec((await readCookie(c, NAME)) ?? '') ?? []
  if (content === undefined || mac === undefined) return undefined
  if (!(await hasMac(c.env, 'session', encoder.encode(content), base64url.decode(mac)))) return undefined
  const [id, partition, user]: [string, string, string] = JSON.parse(
    new TextDecoder().decode(base64url.decode(content)),
  )
  return { id, partition, user }
}

/** The header that signs a browser in. */
export async function sessionCookie(c: RequestContext, { id, partition, user }: Session): Promise<string> {
  const content = base64url.encode(JSON.stringify([id, partition, user]))
  const mac = base64url.encode(await macOf(c.env, 'session', encoder.encode(content)))
  return writeCookie(c, NAME, `${content}.${mac}`)
}

/** The header that signs a browser out. */
export const noSessionCookie = (c: RequestContext) => writeCookie(c, NAME, '')
