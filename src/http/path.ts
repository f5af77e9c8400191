// Canonical paths, as the real server ignores case and takes several prefixes, and Hono's router does not: any prefix becomes
// the one of the routes, and literal segments are spelled as in the routes.
import { getPath as decodedPath } from 'hono/utils/url'
import { rememberPaths } from './path-memory.ts'

/** Where the control plane stands. */
export const CONTROL_PATH = '/_control'

/** Whether a URL's path belongs to the control plane. Read off the text, as every request is asked. */
export function isControlUrl(url: string): boolean {
  const begin = url.indexOf('/', 'https://'.length)
  if (!url.startsWith(CONTROL_PATH, begin)) return false
  const next = url[begin + CONTROL_PATH.length]
  return next === undefined || next === '/' || next === '?' || next === '#'
}

/** The one prefix routes are registered under. */
export const BASE_PATH = '/identity_'

/** The origin of a request's URL, cut out of its text: every request needs it, and parsing the URL would cost more. */
export const originOf = (url: string) => url.slice(0, url.indexOf('/', 'https://'.length))

// Real server: nothing, an organization (name or GUID), or an organization and a tenant may stand before `identity_`;
// standalone installations have `identity`.
const PREFIX = /^(?:\/[^/]+){0,2}?\/identity_?(?=\/(?:api|connect|\.well-known|swagger|web|device)(?:\/|$))/i

// Real server: the same before the names of other services. One of its clients doubles that of the portal (observed).
const SERVICE_PREFIX = /^(?:\/[^/]+){0,2}?\/(portal_|organization_)(?:\/portal_)?(?=\/)/i

/** A node in the tree of route paths: the literal segments that may come next, by lower case, and the parameter that may. */
interface Step {
  readonly literals: Map<string, { spelled: string; next: Step }>
  parameter?: Step
}

/**
 * How a request's path is matched: any known prefix becomes {@link BASE_PATH}, literals of the routes are recognised in
 * any case, and a trailing slash is dropped. Ids stay as they are.
 *
 * @param paths the registered route paths; asked for once, on the first request
 */
export function canonicalPath(paths: () => readonly string[]): (request: Request) => string {
  let root: Step | undefined
  const find = rememberPaths((path) => {
    root ??= stepsOf(paths())
    const segments = path.replace(SERVICE_PREFIX, '/$1').split('/')
    if (segments.length > 2 && segments.at(-1) === '') segments.pop()
    let step: Step | undefined = root
    return segments
      .map((segment) => {
        const literal = step?.literals.get(segment.toLowerCase())
        step = literal ? literal.next : step?.parameter
        return literal?.spelled ?? segment
      })
      .join('/')
  })
  // A prefix names a tenant: a path is remembered without it, for all tenants.
  return (request) => find(decodedPath(request).replace(PREFIX, BASE_PATH))
}

function stepsOf(paths: readonly string[]): Step {
  const root: Step = { literals: new Map() }
  for (const path of paths) {
    let step = root
    for (const segment of path.split('/')) step = segment.startsWith(':') ? parameterOf(step) : literalOf(step, segment)
  }
  return root
}

function parameterOf(step: Step): Step {
  step.parameter ??= { literals: new Map() }
  return step.parameter
}

function literalOf({ literals }: Step, spelled: string): Step {
  const known = literals.get(spelled.toLowerCase()) ?? { spelled, next: { literals: new Map() } }
  literals.set(spelled.toLowerCase(), known)
  return known.next
}
