// What is asked of everybody measured: the documented calls, and how a right answer to each is known.
import { HOGWARTS, HOGWARTS_SETTINGS } from '../src/seed/hogwarts.ts'

export type Operation = 'GET Setting' | 'PUT Setting' | 'GET Group' | 'PUT Group' | 'POST token'

/** One request, whole: it can be sent any number of times. */
export interface Call {
  method: 'GET' | 'PUT' | 'POST'
  url: string
  headers: Record<string, string>
  body?: string
}

/** How operations are called where a reader of figures sees them. */
export const TITLES: Record<Operation, string> = {
  'GET Setting': 'GET Setting, 9 keys',
  'PUT Setting': 'PUT Setting, 7 keys',
  'GET Group': 'GET Group, 5 members',
  'PUT Group': 'PUT Group, 2 added',
  'POST token': 'POST connect/token',
}

const rows = HOGWARTS_SETTINGS.map((setting) => ({ ...setting, partitionGlobalId: HOGWARTS.id, userId: null }))

/** The rows that the lookup answers. */
export const READ_ROWS = rows.filter(({ key }) => key.startsWith('Email.'))

/** The rows that the update answers. */
export const WRITTEN_ROWS = rows.filter(({ key }) => key.startsWith('Auth.'))

export const LOOKUP = new URLSearchParams([
  ['partitionGlobalId', HOGWARTS.id],
  ...READ_ROWS.map(({ key }) => ['key', key]),
]).toString()

const JSON_BODY = { 'content-type': 'application/json' }

export const getSettings = (url: string): Call => ({ method: 'GET', url: `${url}?${LOOKUP}`, headers: {} })

export const putSettings = (url: string): Call => ({
  method: 'PUT',
  url,
  headers: JSON_BODY,
  body: JSON.stringify({
    settings: WRITTEN_ROWS.map(({ key, value }) => ({ key, value })),
    partitionGlobalId: HOGWARTS.id,
  }),
})

export const getGroup = (url: string): Call => ({ method: 'GET', url: `${url}/${HOGWARTS.id}/gryff-01`, headers: {} })

export const putGroup = (url: string): Call => ({
  method: 'PUT',
  url: `${url}/${HOGWARTS.id}/gryff-01`,
  headers: JSON_BODY,
  body: JSON.stringify({
    partitionGlobalId: HOGWARTS.id,
    name: 'Gryffindors',
    directoryUserIDsToAdd: ['lun-1302', 'nev-3007'],
    directoryUserIDsToRemove: [],
  }),
})

export const postToken = (url: string): Call => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: 'grant_type=client_credentials&client_id=hogwarts-admin&client_secret=hogwarts-admin-secret',
})

/** What a right answer contains, and how often. */
const CONTAINS: Record<Operation, { part: string; times: number }> = {
  'GET Setting': { part: '"key"', times: READ_ROWS.length },
  'PUT Setting': { part: '"key"', times: WRITTEN_ROWS.length },
  'GET Group': { part: '"members"', times: 1 },
  'PUT Group': { part: '"members"', times: 1 },
  'POST token': { part: '"access_token"', times: 1 },
}

/**
 * Sends `call` once and returns the answer's body.
 * @throws if it is not answered, or not as the operation has to be
 */
export async function ask(operation: Operation, call: Call): Promise<string> {
  const { method, url, headers, body } = call
  // A connection kept alive would hold up a server that is told to stop.
  const request = { method, headers: { ...headers, connection: 'close' }, signal: AbortSignal.timeout(10_000) }
  const response = await fetch(url, body === undefined ? request : { ...request, body })
  const answer = await response.text()
  const { part, times } = CONTAINS[operation]
  const found = answer.split(part).length - 1
  if (response.status !== 200 || found !== times) {
    throw new Error(`${operation}: ${response.status} with ${found} ${part}, not ${times}: ${answer.slice(0, 300)}`)
  }
  return answer
}
