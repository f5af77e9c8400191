// CORS: which scripts in browsers may read answers.
import { listed } from './listed.ts'
import { isLocalRun, isLoopback } from './local-run.ts'

// Real server: its TypeScript client sends these from a browser (observed).
const REQUEST_HEADERS = 'Authorization, Content-Type, traceparent, x-uipath-traceparent-id, x-d1-bookmark, Prefer'

/** Response headers that a script may read beside the few that CORS always lets it. */
const EXPOSED =
  'x-d1-bookmark, traceparent, x-uipath-traceparent-id, Retry-After, WWW-Authenticate, Allow, Server-Timing, Preference-Applied'

export const isPreflight = ({ method, headers }: Request, origin: string | null) =>
  origin !== null && method === 'OPTIONS' && headers.has('Access-Control-Request-Method')

/** The answer to a CORS preflight, for any path and without a token, since browsers send none with it. */
export function preflight({ headers }: Request): Response {
  const asked = headers.get('Access-Control-Request-Headers')
  return new Response(null, {
    status: 204,
    headers: {
      'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
      // Any header may be sent: clients add headers of their own, and only one with a token has an effect.
      'Access-Control-Allow-Headers': asked && isHeaderList(asked) ? asked : REQUEST_HEADERS,
      'Access-Control-Max-Age': '7200',
    },
  })
}

const isHeaderList = (text: string) => text.length <= 1000 && /^[\w-]+(?:\s*,\s*[\w-]+)*$/.test(text)

/**
 * Lets scripts of `origin` read the answer, if it is allowed. Credentials never are, so that a page cannot use a browser's
 * cookies here.
 */
export function setCorsHeaders(headers: Headers, origin: string, env: Cloudflare.Env) {
  const allowed = allowedOrigin(origin, env)
  if (allowed !== '*') headers.append('Vary', 'Origin')
  if (allowed === undefined) return
  headers.set('Access-Control-Allow-Origin', allowed)
  headers.set('Access-Control-Expose-Headers', EXPOSED)
}

/**
 * The value of Access-Control-Allow-Origin; undefined for an origin that is not allowed. A local run, whose secrets every page
 * knows, allows pages of this machine beside those in CORS_ORIGINS; where that is set and empty, none.
 */
function allowedOrigin(origin: string, env: Cloudflare.Env): string | undefined {
  const { CORS_ORIGINS } = env
  if (CORS_ORIGINS === undefined && !isLocalRun(env)) return '*'
  const origins = CORS_ORIGINS?.trim()
  if (origins === '*' || origins === '') return origins || undefined
  const allowed = listed(origins ?? '').includes(origin) || (isLocalRun(env) && isLoopback(origin))
  return allowed ? origin : undefined
}
