// Hashes of passwords leave the deployment only on demand, and who loads a document learns whose passwords do not hold.
import { beforeAll, expect, test } from 'vitest'
import type { TenantDocument } from '../../src/control/states/document.schema.ts'
import { formerHash } from '../../src/users/password.ts'
import { type CreatedTenant, isolate } from '../support/control.ts'
import { answer } from '../support/tenant.ts'

const { control, create, call } = isolate('deployed')
const FOREIGN = `pbkdf2-sha256-hmac$10000$AAAAAAAA$${'A'.repeat(43)}`

let tenant: CreatedTenant
let ada: string

beforeAll(async () => {
  tenant = await create()
  ada = tenant.users.find(({ userName }) => userName === 'ada')?.id ?? ''
  const json = { password: 'Sesame-1' }
  await answer(await call('PUT', `/api/User/${ada}`, { token: tenant.tokens.admin, json }))
})

const dump = async (query = '', path = 'dump') =>
  answer<TenantDocument>(await control('GET', `/tenants/${tenant.id}/${path}${query}`))

const knows = async ({ tokens }: CreatedTenant, oldPassword: string) => {
  const json = { oldPassword, newPassword: 'Sesame-1' }
  return (await call('POST', `/api/User/${ada}/changepassword`, { token: tokens.admin, json })).status === 200
}

test('a dump and a snapshot have none, unless they are asked for', async () => {
  await control('PUT', `/tenants/${tenant.id}/snapshots/mine`)
  for (const path of ['dump', 'snapshots/mine']) {
    const { users } = await dump('', path)
    expect(JSON.stringify(users)).not.toContain('pbkdf2')
    expect(users?.map(({ userName, hasPassword }) => [userName, hasPassword])).toEqual([
      ['ada', true],
      ['ben', undefined],
      ['uma', undefined],
    ])
    const [first] = (await dump('?passwordHashes=true', path)).users ?? []
    expect(first?.passwordHash).toMatch(/^pbkdf2-sha256-hmac\$/)
  }
  await answer(await control('GET', `/tenants/${tenant.id}/dump?passwordHashes=yes`), 400)
})

test('with the hashes a tenant that is made of a dump takes the passwords, as a fork and a reset do', async () => {
  const copy = await create({ seed: await dump('?passwordHashes=true') })
  expect(copy.passwordsToSet).toBeUndefined()
  expect(await knows(copy, 'Sesame-1')).toBe(true)
  const fork = await answer<CreatedTenant>(
    await control('POST', `/tenants/${copy.id}/fork`, { tokens: ['admin'] }),
    201,
  )
  expect(await knows(fork, 'Sesame-1')).toBe(true)
  await answer(await control('POST', `/tenants/${copy.id}/reset`), 204)
  expect(await knows(copy, 'Sesame-1')).toBe(true)
  expect(await knows(copy, 'Sesame-2')).toBe(false)
})

test('without them, with those of another deployment or of before, it is said whose passwords have to be set anew', async () => {
  const seed = await dump()
  expect((await create({ seed })).passwordsToSet).toEqual(['ada'])
  const former = await formerHash({ partition: tenant.id, user: ada }, 'Sesame-1', 10_000)
  const users = [
    { userName: 'ben', passwordHash: FOREIGN },
    { userName: 'cho', passwordHash: former },
    { userName: 'dobby' },
    { userName: 'ernie', hasPassword: false },
  ]
  const copy = await create()
  const loaded = await answer(await control('PUT', `/tenants/${copy.id}/dump`, { users }))
  expect(loaded).toEqual({ passwordsToSet: ['ben', 'cho'] })
  await answer(await control('PUT', `/tenants/${copy.id}/dump`, { users: users.slice(2) }), 204)
})

test('the hash of before still holds in the tenant it is from', async () => {
  const passwordHash = await formerHash({ partition: tenant.id, user: ada }, 'Sesame-2', 25_000)
  await answer(
    await control('PUT', `/tenants/${tenant.id}/dump`, { users: [{ id: ada, userName: 'ada', passwordHash }] }),
  )
  expect(await knows(tenant, 'Sesame-2')).toBe(true)
})
