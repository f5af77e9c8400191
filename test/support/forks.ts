// Copies of a tenant, for tests of when their rows are made.

import type { CreatedTenant, Isolate } from './control.ts'
import { answer } from './tenant.ts'
import { AllRows } from './tenant-rows.ts'

export const DOCUMENT = {
  users: [
    { id: 'ann', userName: 'ann', email: 'ann@example.com' },
    { id: 'bob', userName: 'bob' },
  ],
  groups: [{ id: 'team', name: 'Team', members: ['ann', 'bob'] }],
  robotAccounts: [{ id: 'robot', name: 'robot' }],
  settings: [
    { key: 'a', value: 'as seeded' },
    { key: 'b', value: 'of ann', user: 'ann' },
  ],
}

/** Of the document that is large. */
export const LARGE_USERS = 753
const ids = Array.from({ length: LARGE_USERS }, (_, n) => `user-${n}`)

/** More accounts than one step takes, each with a name, a membership and some with a setting. */
export const LARGE = {
  users: ids.map((id) => ({ id, userName: `Ü${id}`, email: `${id}@example.com` })),
  groups: [
    { id: 'even', name: 'Even', members: ids.filter((_, n) => n % 2 === 0) },
    { id: 'odd', name: 'Odd', members: ids.filter((_, n) => n % 2 === 1) },
  ],
  settings: [
    { key: 'a', value: 'as seeded' },
    ...ids.filter((_, n) => n % 100 === 0).map((user) => ({ key: 'a', value: `of ${user}`, user })),
  ],
}

export const forkOf = async ({ control }: Isolate, { id }: { id: string }, json: object = {}) =>
  answer<CreatedTenant>(await control('POST', `/tenants/${id}/fork`, { tokens: ['admin'], ...json }), 201)

export const put = ({ call }: Isolate, { id, tokens: { admin: token } }: CreatedTenant, value: string) =>
  call('PUT', '/api/Setting', { token, json: { partitionGlobalId: id, settings: [{ key: 'a', value }] } })

export async function settingOf({ call }: Isolate, { id, tokens: { admin: token } }: CreatedTenant) {
  const [found] = await answer<{ value: string }[]>(
    await call('GET', `/api/Setting?partitionGlobalId=${id}&key=a`, { token }),
  )
  return found?.value
}

/** Columns whose values are of when the row was made: its time, and its place in the table. */
const ofTheMoment = /_time$|^legacy_id$/

/** Makes the rows of a copy, and returns them. */
export async function stateOf({ control }: Isolate, { id }: { id: string }) {
  await answer(await control('GET', `/tenants/${id}/dump`))
  const state = await (await AllRows.read()).of(id, { settingIds: false })
  return JSON.parse(JSON.stringify(state, (key, value) => (ofTheMoment.test(key) ? undefined : value)))
}
