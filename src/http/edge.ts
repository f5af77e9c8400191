// What every request meets first and every answer last: the bound of a URL, CORS for browsers, and the headers that
// depend on how the request came. Those that every answer has stand with the answers themselves.
import { PROBLEM, problemBody } from './refusal.ts'

export type Fetch = (request: Request, env: Cloudflare.Env, context: ExecutionContext) => Response | Promise<Response>

/** Longer URLs are refused with 414. In characters. The platform's own limit is the same. */
const MAX_URL = 16 * 1024

// Two years, as lists of hosts to preload ask for.
const HSTS = 'max-age=63072000; includeSubDomains'

/** What a page may do: nothing but show itself. A page that needs more says so itself. */
const PAGE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Surrounds `inner` with what no endpoint needs to know. */
export function edge(inner: Fetch): Fetch {
  return (request, env, context) => {
    const { url, headers } = request
    const origin = headers.get('Origin')
    const finish = (response: Response) => {
      if (origin !== null) share(response.headers, origin, env)
      // Plain http stays possible where nothing else is offered, as on a developer's machine.
      if (url.startsWith('https:')) response.headers.set('Strict-Transport-Security', HSTS)
      // No page stands among the operations, which are asked more often than anything else.
      if (!url.includes('/api/')) guardPage(response.headers)
      return response
    }
    const answered = isPreflight(request, origin) ? preflight(request) : answer(inner, url, request, env, context)
    return answered instanceof Response ? finish(answered) : answered.then(finish)
  }
}

function answer(inner: Fetch, url: string, request: Request, env: Cloudflare.Env, context: ExecutionContext) {
  if (url.length <= MAX_URL) return inner(request, env, context)
  return new Response(problemBody({ status: 414, section: '15.5.15', title: 'URI Too Long' }), {
    status: 414,
    headers: PROBLEM,
  })
}

function guardPage(headers: Headers) {
  if (!headers.get('Content-Type')?.startsWith('text/html')) return
  if (!headers.has('Content-Security-Policy')) headers.set('Content-Security-Policy', PAGE_POLICY)
  headers.set('X-Content-Type-Options', 'nosniff')
  headers.set('Referrer-Policy', 'no-referrer')
}

// Real server: its TypeScript client sends these from a browser (observed).
const REQUEST_HEADERS = 'Authorization, Content-Type, traceparent, x-uipath-traceparent-id, x-d1-bookmark, Prefer'

/** What a script may read beside the few headers it always may. */
const EXPOSED =
  'x-d1-bookmark, traceparent, x-uipath-traceparent-id, Retry-After, WWW-Authenticate, Allow, Server-Timing, Preference-Applied'

const isPreflight = ({ method, headers }: Request, origin: string | null) =>
  origin !== null && method === 'OPTIONS' && headers.has('Access-Control-Request-Method')

/** Answered for any path and without a token, which a browser does not send with it. */
function preflight({ headers }: Request): Response {
  const asked = headers.get('Access-Control-Request-Headers')
  return new Response(null, {
    status: 204,
    headers: {
      'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
      // Clients add headers of their own, and none of them means anything without a token.
      'Access-Control-Allow-Headers': asked && isHeaderList(asked) ? asked : REQUEST_HEADERS,
      'Access-Control-Max-Age': '7200',
    },
  })
}

const isHeaderList = (text: string) => text.length <= 1000 && /^[\w-]+(?:\s*,\s*[\w-]+)*$/.test(text)

/** Lets scripts of `origin` read the answer, if they may. Never with cookies or other credentials of the browser's. */
function share(headers: Headers, origin: string, { CORS_ORIGINS = '*' }: Cloudflare.Env) {
  const anyone = CORS_ORIGINS.trim() === '*'
  if (!anyone) headers.append('Vary', 'Origin')
  if (!anyone && !CORS_ORIGINS.split(/[\s,]+/).includes(origin)) return
  headers.set('Access-Control-Allow-Origin', anyone ? '*' : origin)
  headers.set('Access-Control-Expose-Headers', EXPOSED)
}
