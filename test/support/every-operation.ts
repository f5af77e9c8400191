// Every operation of the table of routes, how to send it a request, and what all refusals have in common.
import { exports } from 'cloudflare:workers'
import { expect } from 'vitest'
import { app } from '../../src/app.ts'
import { USER_TYPE } from '../../src/directory/member.ts'
import { type Operation, operations } from '../../src/http/contract.ts'
import { plantInEach } from './shared-isolate.ts'
import { createPartition, customGroup, mint, ORIGIN, user } from './tenant.ts'

export interface Sent {
  method?: string
  path?: string
  token?: string
  type?: string | undefined
  body?: BodyInit
  headers?: Record<string, string>
}

export const groupId = crypto.randomUUID()
export const member = crypto.randomUUID()
const robotAccountId = crypto.randomUUID()
const spareGroup = crypto.randomUUID()
const spareRobot = crypto.randomUUID()
const spareUser = crypto.randomUUID()
const robot = (id: string, name: string) => ({ ...user(id), name, type: USER_TYPE.robotAccount })
export const partitionGlobalId = crypto.randomUUID()
const seed = {
  entities: [user(member), user(spareUser), robot(robotAccountId, 'Everyone'), robot(spareRobot, 'Spare')],
  groups: [customGroup(groupId, 'Lawyers', [member]), customGroup(spareGroup, 'Spare')],
}
await plantInEach(() => createPartition(seed, partitionGlobalId))
const known: Record<string, string> = { partitionGlobalId, groupId, robotAccountId, userId: member }
/** What may be gone after a request. */
const spare: Record<string, string> = {
  groupId: spareGroup,
  robotAccountId: spareRobot,
  userId: spareUser,
  settingId: '999999',
}
const queries: Record<string, string> = { Directory_Search: '?startsWith=law' }
/** May act on every partition, and means the one above where it names none. */
export const token = await mint({ prt_id: partitionGlobalId, host: 'True' })

/** Whether a path and a token are all it takes to remove something. */
export const removes = ({ method, contract }: Operation) => method === 'DELETE' && !contract.json

/** Whether it changes nothing, whatever its method. */
export const looksUp = ({ method, path }: Operation) =>
  method === 'GET' || /Directory|BulkLoadByIds|CheckMembers|VerifySmtpSettings/.test(path)

/** The operation's path with ids that are known in it. */
export const pathOf = (operation: Operation) =>
  operation.path.replace(
    /:(\w+)/g,
    (_, name) => (removes(operation) ? spare[name] : undefined) ?? known[name] ?? groupId,
  )

/** The query without which the operation refuses every request. */
export const queryOf = ({ contract }: Operation) => queries[contract.operationId] ?? ''

export const matches = (pattern: string, path: string) => {
  const [one, other] = [pattern.split('/'), path.split('/')]
  return one.length === other.length && one.every((part, index) => part.startsWith(':') || part === other[index])
}

export const send = (operation: Operation, { method, path, token: bearer, type, body, headers }: Sent = {}) =>
  exports.default.fetch(`${ORIGIN}${path ?? `${pathOf(operation)}${queryOf(operation)}`}`, {
    method: method ?? operation.method,
    headers: {
      ...(bearer && { Authorization: `Bearer ${bearer}` }),
      ...(type && { 'Content-Type': type }),
      ...headers,
    },
    // As bytes: a string would bring a content type of its own.
    body: typeof body === 'string' ? new TextEncoder().encode(body) : (body ?? null),
  })

/** The text of a refusal, after checking its status and that it is empty or JSON. */
export async function refused(response: Response, status: number): Promise<string> {
  const text = await response.text()
  const type = response.headers.get('Content-Type')
  expect({ status: response.status, text }).toEqual({ status, text })
  expect(type, text).toEqual(text ? expect.stringMatching(/^application\/(problem\+)?json; charset=utf-8$/) : null)
  if (text) expect(typeof JSON.parse(text)).toBe('object')
  return text
}

/** A refusal with a problem for a body, without what differs from one to the next. */
export async function refusedWithProblem(response: Response, status: number, keys: readonly string[] = []) {
  expect(response.headers.get('Content-Type')).toBe('application/problem+json; charset=utf-8')
  const problem = JSON.parse(await refused(response, status))
  expect(Object.keys(problem)).toEqual([...keys, 'type', 'title', 'status', 'traceId'])
  expect(problem).toMatchObject({ status, type: expect.stringMatching(/^https:\/\/tools\.ietf\.org\/html\/rfc9110#/) })
  expect(problem.traceId).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
  return { ...problem, traceId: '' }
}

/** All but those that answer browsers, with pages and redirects. */
export const all = operations(app).filter(({ contract }) => !contract.page)
export const pages = operations(app).filter(({ contract }) => contract.page)
export const named = (some: readonly Operation[]): [string, Operation][] =>
  some.map((operation) => [`${operation.method} ${operation.path}`, operation])
