// Anti-forgery: a form is taken only from the browser that was shown it, and only with the fields it was shown with.

import type { Context } from 'hono'
import { base64url } from 'jose'
import type { AppEnv } from '../database/session.ts'
import { hasMac, macOf } from '../secrets/mac.ts'
import { readCookie, writeCookie } from './session-cookie.ts'

const NAME = 'idsrv.form'
const FORM = /^[\w-]{22}$/

/** The fields that a form must come back with as they were shown. */
export type Bound = readonly string[]

const contentOf = (browser: string, bound: Bound) => new TextEncoder().encode(JSON.stringify([browser, ...bound]))

/** The token to put into a form, and the header that goes with its page. */
export async function issueFormToken(c: Context<AppEnv>, bound: Bound) {
  const known = await readCookie(c, NAME)
  const browser =
    known !== undefined && FORM.test(known) ? known : base64url.encode(crypto.getRandomValues(new Uint8Array(16)))
  const mac = await macOf(c.env, 'form', contentOf(browser, bound))
  return { token: textOf(mac), cookie: await writeCookie(c, NAME, browser) }
}

/** Whether a form with that token comes from the browser that was shown it, and from a page of this server. */
export async function isOwnForm(c: Context<AppEnv>, token: string, bound: Bound): Promise<boolean> {
  // Browsers say where a form was sent from. Of `Origin` they would say `null` here, as the pages have no referrer.
  if ((c.req.header('Sec-Fetch-Site') ?? 'same-origin') !== 'same-origin') return false
  const browser = await readCookie(c, NAME)
  if (browser === undefined || !FORM.test(token)) return false
  return hasMac(c.env, 'form', contentOf(browser, bound), base64url.decode(token))
}

const textOf = (mac: Uint8Array) => base64url.encode(mac)
