// The outermost layer, outside of Hono: the limit on URLs, hosts and origins that are refused, CORS for browsers, and security
// headers that depend on the request. Headers that every answer has are set where answers are made (refusal.ts, ok.ts).
import { isPreflight, preflight, setCorsHeaders } from './cors.ts'
import { answersToHost, isLocalRun } from './local-run.ts'
import { isControlUrl, originOf } from './path.ts'
import { plainProblem } from './problem.ts'
import { PROBLEM, problemResponse } from './refusal.ts'

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
    const refused = refusalOf(url, origin, env)
    const finish = (response: Response) => {
      if (origin !== null && !refused && !isControlUrl(url)) setCorsHeaders(response.headers, origin, env)
      // Not in a local run: the header counts for every port of a host, and would take plain http from all of localhost.
      if (url.startsWith('https:') && !env.EMBEDDED) response.headers.set('Strict-Transport-Security', HSTS)
      // Operations never answer with a page: they are spared the look at the content type.
      if (!url.includes('/api/')) setPageHeaders(response.headers)
      return response
    }
    const answered =
      refused ?? (isPreflight(request, origin) ? preflight(request) : answer(inner, url, request, env, context))
    return answered instanceof Response ? finish(answered) : answered.then(finish)
  }
}

function answer(inner: Fetch, url: string, request: Request, env: Cloudflare.Env, context: ExecutionContext) {
  return url.length <= MAX_URL ? inner(request, env, context) : problemResponse(414)
}

/** The answer to a request that is refused whatever it asks for; undefined for all others. */
function refusalOf(url: string, origin: string | null, env: Cloudflare.Env): Response | undefined {
  if (isLocalRun(env) && !answersToHost(url, env)) return problemResponse(421, { detail: FOREIGN_HOST })
  // Tests send no Origin. A page that does would act with a control token that, in local runs, everybody knows.
  if (origin !== null && isControlUrl(url) && origin !== originOf(url)) return foreignOrigin()
  return undefined
}

const FOREIGN_HOST = 'A local server answers to loopback addresses and to the hosts in ALLOWED_HOSTS.'

const foreignOrigin = () =>
  new Response(
    plainProblem(403, { title: 'Forbidden', detail: 'Pages of other origins may not use the control plane.' }),
    {
      status: 403,
      headers: PROBLEM,
    },
  )

function setPageHeaders(headers: Headers) {
  if (!headers.get('Content-Type')?.startsWith('text/html')) return
  if (!headers.has('Content-Security-Policy')) headers.set('Content-Security-Policy', PAGE_POLICY)
  headers.set('X-Content-Type-Options', 'nosniff')
  headers.set('Referrer-Policy', 'no-referrer')
}
