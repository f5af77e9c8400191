// What tells names apart goes wherever a tenant's state goes: it is planted, forked, reset, restored and loaded.
import { expect, test } from 'vitest'
import { type CreatedTenant, isolate } from '../support/control.ts'
import { answer } from '../support/tenant.ts'

const { control, create, call } = isolate('deployed')

const seed = {
  users: [{ userName: 'Müller', email: 'Müller@example.com' }],
  robotAccounts: [{ name: 'Ωmega' }],
  groups: [{ name: 'Ärzte' }],
}

/** Asks for names in other spellings, of which none may be given. */
async function refused({ tokens: { admin: token } }: Pick<CreatedTenant, 'tokens'>) {
  const post = async (path: string, json: object) => (await call('POST', path, { token, json })).status
  expect([
    await post('/api/User', { userName: 'MÜLLER' }),
    await post('/api/User', { userName: 'new', email: 'mu\u0308ller@example.com' }),
    await post('/api/RobotAccount', { name: 'ωmega' }),
    await post('/api/Group', { id: crypto.randomUUID(), name: 'ärzte', directoryUserMemberIDs: [] }),
  ]).toEqual([400, 400, 409, 409])
}

const post = async (path: string, json?: unknown) => (await control('POST', `/tenants/${path}`, json)).status

test('names are told apart in a tenant that was planted, and in its fork', async () => {
  const tenant = await create({ seed })
  await refused(tenant)
  await refused(
    await answer<CreatedTenant>(await control('POST', `/tenants/${tenant.id}/fork`, { tokens: ['admin'] }), 201),
  )
})

test('and after it was reset, restored and loaded', async () => {
  const tenant = await create({ seed })
  const { id } = tenant
  expect((await control('PUT', `/tenants/${id}/snapshots/kept`)).status).toBeLessThan(300)
  const document = await answer(await control('GET', `/tenants/${id}/dump`))
  const empty = async () => expect((await control('PUT', `/tenants/${id}/dump`, {})).status).toBe(204)
  await empty()
  expect(await post(`${id}/reset`)).toBe(204)
  await refused(tenant)
  await empty()
  expect(await post(`${id}/snapshots/kept/restore`)).toBe(204)
  await refused(tenant)
  await empty()
  expect((await control('PUT', `/tenants/${id}/dump`, document)).status).toBe(204)
  await refused(tenant)
})

test('a document whose names clash is loaded with both, and a third is refused', async () => {
  const clash = { users: [{ userName: 'Ünal' }, { userName: 'ünal' }], groups: [{ name: 'Ä' }, { name: 'ä' }] }
  const { id, tokens } = await create({ seed: clash })
  const page = await call('GET', `/api/User/users/${id}`, { token: tokens.admin })
  expect(await answer(page)).toMatchObject({ totalCount: 2 })
  const third = await call('POST', '/api/User', { token: tokens.admin, json: { userName: 'U\u0308nal' } })
  expect(third.status).toBe(400)
})
