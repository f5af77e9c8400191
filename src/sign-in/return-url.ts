// Where a sign-in leads: only to what this server itself sends a browser to the page with.
import { BASE_PATH, originOf } from '../http/path.ts'
import { type Parameters, readParameters } from './parameters.ts'

export const CALLBACK = `${BASE_PATH}/connect/authorize/callback` as const
export const DEVICE = `${BASE_PATH}/device` as const

export interface ReturnUrl {
  readonly path: typeof CALLBACK | typeof DEVICE
  readonly parameters: Parameters
}

/** Reads a return address; undefined for one that leads anywhere else. It is put together anew and never used as it came. */
export function readReturnUrl(url: string, text: string | undefined): ReturnUrl | undefined {
  if (!text?.startsWith('/')) return undefined
  const parsed = URL.parse(text, originOf(url))
  const path = [CALLBACK, DEVICE].find((one) => one === parsed?.pathname)
  if (!parsed || path === undefined || parsed.origin !== new URL(url).origin) return undefined
  return { path, parameters: readParameters(parsed.search) }
}

export const writeReturnUrl = ({ path, parameters }: ReturnUrl) => `${path}?${parameters}`

/** The address of the sign-in page. */
export const signInUrl = (url: string, returnUrl: ReturnUrl) =>
  `${originOf(url)}${BASE_PATH}/web/login?returnUrl=${encodeURIComponent(writeReturnUrl(returnUrl))}`
