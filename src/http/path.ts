// The paths of a request: the prefix is stripped to one form, literals get the spelling of the routes.
import { getPath as decodedPath } from 'hono/utils/url'

/** The one prefix routes are registered under. */
export const BASE_PATH = '/identity_'

// Real server: nothing, an organization (name or GUID), or an organization and a tenant may stand before `identity_`;
// standalone installations have `identity`.
const PREFIX = /^(?:\/[^/]+){0,2}?\/identity_?(?=\/(?:api|connect|\.well-known|swagger)(?:\/|$))/i

/**
 * How a request's path is matched: any known prefix becomes {@link BASE_PATH}, segments that are literals of a route
 * in another case become those, and a trailing slash is dropped. Other segments (ids) stay as they are.
 *
 * @param paths the registered route paths; asked for once, on the first request
 */
export function canonicalPath(paths: () => readonly string[]): (request: Request) => string {
  let literals: Map<string, string> | undefined
  return (request) => {
    literals ??= literalsOf(paths())
    const path = decodedPath(request)
    const segments = path.replace(PREFIX, BASE_PATH).split('/')
    if (segments.length > 2 && segments.at(-1) === '') segments.pop()
    return segments.map((segment) => literals?.get(segment.toLowerCase()) ?? segment).join('/')
  }
}

function literalsOf(paths: readonly string[]): Map<string, string> {
  const segments = paths.flatMap((path) => path.split('/')).filter((segment) => !/[:*]/.test(segment))
  return new Map(segments.map((segment) => [segment.toLowerCase(), segment]))
}
