// The outermost layer, outside of Hono: the limit on URLs, CORS for browsers, and security headers that depend on the
// request. Headers that every answer has are set where answers are made (refusal.ts, ok.ts).
import { problemResponse } from './refusal.ts'

export type Fetch = (request: Request, env: Cloudflare.Env, context: ExecutionContext) => Response | Promise<Response>

/** Longer URLs are refused with 414. In characters. The platform's own limit is the same. */
const MAX_URL = 16 * 1024

// Two years. Not `includeSubDomains`: a deployment on an apex domain would force https on hosts that are not its own.
const HSTS = 'max-age=63072000'

/** The content security policy of pages: no scripts, styles, forms or frames. A page that needs some sets its own. */
const PAGE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/**
 * Wraps an app in what its endpoints need not know of.
 *
 * @example
 * export default { fetch: edge(serve) }
 */
export function edge(inner: Fetch): Fetch {
  return (request, env, context) => {
    const { url, headers } = request
    const origin = headers.get('Origin')
    const finish = (response: Response) => {
      if (origin !== null) setCorsHeaders(response.headers, origin, env)
      // Over plain http browsers ignore the header, and a developer's machine offers nothing else.
      if (url.startsWith('https:')) response.headers.set('Strict-Transport-Security', HSTS)
      // Operations never answer with a page: they are spared the look at the content type.
      if (!url.includes('/api/')) setPageHeaders(response.headers)
      return response
    }
    const answered = isPreflight(request, origin) ? preflight(request) : answer(inner, url, request, env, context)
    return answered instanceof Response ? finish(answered) : answered.then(finish)
  }
}

function answer(inner: Fetch, url: string, request: Request, env: Cloudflare.Env, context: ExecutionContext) {
  return url.length <= MAX_URL ? inner(request, env, context) : problemResponse(414)
}

function setPageHeaders(headers: Headers) {
  if (!headers.get('Content-Type')?.startsWith('text/html')) return
  if (!headers.has('Content-Security-Policy')) headers.set('Content-Security-Policy', PAGE_POLICY)
  headers.set('X-Content-Type-Options', 'nosniff')
  headers.set('Referrer-Policy', 'no-referrer')
}

// Real server: its TypeScript client sends these from a browser (observed).
const REQUEST_HEADERS = 'Authorization, Content-Type, traceparent, x-uipath-traceparent-id, x-d1-bookmark, Prefer'

/** Response headers that a script may read beside the few that CORS always lets it. */
const EXPOSED =
  'x-d1-bookmark, traceparent, x-uipath-traceparent-id, Retry-After, WWW-Authenticate, Allow, Server-Timing, Preference-Applied'

const isPreflight = ({ method, headers }: Request, origin: string | null) =>
  origin !== null && method === 'OPTIONS' && headers.has('Access-Control-Request-Method')

/** The answer to a CORS preflight, for any path and without a token, since browsers send none with it. */
function preflight({ headers }: Request): Response {
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
 * CORS: lets scripts of `origin` read the answer, if CORS_ORIGINS names it. Credentials are never allowed, so that a page
 * cannot use a browser's cookies here.
 */
function setCorsHeaders(headers: Headers, origin: string, { CORS_ORIGINS = '*' }: Cloudflare.Env) {
  const anyone = CORS_ORIGINS.trim() === '*'
  if (!anyone) headers.append('Vary', 'Origin')
  if (!anyone && !CORS_ORIGINS.split(/[\s,]+/).includes(origin)) return
  headers.set('Access-Control-Allow-Origin', anyone ? '*' : origin)
  headers.set('Access-Control-Expose-Headers', EXPOSED)
}
