// Tells of a request to a path that is not served which served one it is nearest to.
import { nearest } from '../../http/nearest.ts'
import { BASE_PATH } from '../../http/path.ts'
import { servedPaths } from './operation-names.ts'

/**
 * A sentence on a request that no operation answers; null where an operation's path is not even near.
 *
 * @param path in its canonical form, with {@link BASE_PATH} as its prefix
 * @example
 * nearMiss('PUT', '/identity_/api/Grup/1') // 'PUT /api/Grup/… is not served; /api/Group/{groupId} is, …'
 */
export function nearMiss(method: string, path: string): string | null {
  const [, outside] = path.startsWith(`${BASE_PATH}/`)
    ? []
    : (/^(?:\/[^/]+){0,2}?(\/(?:api|connect)\/.*)/i.exec(path) ?? [])
  if (outside !== undefined)
    return `${method} ${path} is not served; the API is below ${BASE_PATH}, as ${BASE_PATH}${outside}`
  const asked = partsOf(path)
  const served = servedPaths().map(({ path, methods }) => ({ parts: partsOf(path), methods }))
  const near = served
    .flatMap((candidate) => {
      const cost = costOf(asked, candidate.parts)
      // Of equally near paths the one that has the method.
      return cost === undefined
        ? []
        : [{ ...candidate, cost, rank: cost + (candidate.methods.includes(method) ? 0 : 0.5) }]
    })
    .sort((one, other) => one.rank - other.rank)[0]
  if (!near) return null
  const known = near.parts.map((part) => (part.startsWith(':') ? `{${part.slice(1)}}` : part)).join('/')
  const shown = asked.map((part, index) => (near.parts[index]?.startsWith(':') ? '…' : part)).join('/')
  if (near.cost === 0)
    return `${method} /${known} is not served; ${near.methods.join(', ')} ${near.methods.length > 1 ? 'are' : 'is'}`
  return `${method} /${shown} is not served; /${known} is, with ${near.methods.join(', ')}`
}

const partsOf = (path: string) =>
  path
    .replace(BASE_PATH, '')
    .split('/')
    .filter((part) => part !== '')

/** How far a path is from a template: 0 where it fits, undefined where it is another one. */
function costOf(asked: readonly string[], template: readonly string[]): number | undefined {
  if (Math.abs(asked.length - template.length) > 1) return undefined
  let cost = Math.abs(asked.length - template.length)
  for (const [index, part] of asked.slice(0, template.length).entries()) {
    const expected = template[index] ?? ''
    if (expected.startsWith(':') || expected.toLowerCase() === part.toLowerCase()) continue
    if (nearest(part, [expected]) === undefined) return undefined
    cost += 1
  }
  return cost
}
