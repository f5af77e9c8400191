// The token of a user or robot account whose account is gone, however it went, opens nothing more than before.
import { expect, test } from 'vitest'
import { isolate } from '../support/control.ts'
import { answer, mint } from '../support/tenant.ts'

const LATER = crypto.randomUUID()
const here = isolate('deployed')
const seed = { users: [{ id: 'luna', userName: 'luna' }], robotAccounts: [{ id: 'robby', name: 'robby' }] }

async function world() {
  const { id, tokens } = await here.create({ seed })
  const of = (sub: string) => mint({ prt_id: id, sub, sub_type: 'user' })
  const statuses = async (token: string) => {
    const json = { partitionGlobalId: id, settings: [{ key: 'k', value: 'v' }] }
    const requests = [
      await here.call('GET', `/api/Group/${id}`, { token }),
      await here.call('PUT', '/api/Setting', { token, json }),
    ]
    return requests.map(({ status }) => status)
  }
  return { id, admin: tokens.admin, of, statuses }
}

test('a robot account that is deleted', async () => {
  const { id, admin, of, statuses } = await world()
  const token = await of('robby')
  expect(await statuses(token)).toEqual([403, 403])
  await answer(await here.call('DELETE', `/api/RobotAccount/${id}/robby`, { token: admin }), 204)
  expect(await statuses(token)).toEqual([403, 403])
})

test('a user that is deleted, and then the tenant reset or another document loaded', async () => {
  const { id, admin, of, statuses } = await world()
  const json = { partitionGlobalId: id, users: [{ id: LATER, userName: 'later', email: 'later@x.example' }] }
  await answer(await here.call('POST', '/api/User/BulkCreate', { token: admin, json }))
  const token = await of(LATER)
  await answer(await here.control('PUT', `/tenants/${id}/dump`, { users: [] }), 204)
  expect(await statuses(token)).toEqual([403, 403])
  expect(await statuses(await of('luna'))).toEqual([403, 403])
  expect((await here.control('POST', `/tenants/${id}/reset`)).status).toBe(204)
  expect(await statuses(token)).toEqual([403, 403])
})
