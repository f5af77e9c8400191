// Snapshots, documents, forks and resets: all of a tenant or nothing.
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CreatedTenant, type Isolate, isolate } from '../support/control.ts'
import { answer } from '../support/tenant.ts'

const dump = async ({ control }: Isolate, id: string) => answer(await control('GET', `/tenants/${id}/dump`))

/** Everything a client can see. */
async function seen({ call }: Isolate, { id, tokens: { admin: token } }: CreatedTenant) {
  const groups = await answer<{ id: string }[]>(await call('GET', `/api/Group/${id}`, { token }))
  const answers = await Promise.all([
    ...groups.map((group) => call('GET', `/api/Group/${id}/${group.id}`, { token })),
    call('GET', `/api/User/users/${id}?top=100`, { token }),
    call('GET', `/api/RobotAccount/${id}?top=100`, { token }),
    call('GET', `/api/Setting?partitionGlobalId=${id}&key=a&key=b&key=c`, { token }),
  ])
  return [groups, ...(await Promise.all(answers.map((one) => one.text())))]
}

const KEYS = ['a', 'b', 'c']

type Write = (tenant: CreatedTenant) => readonly [method: string, path: string, json: object]

const write = fc.oneof(
  fc.tuple(fc.constantFrom(...KEYS), fc.string()).map(
    ([key, value]): Write =>
      ({ id }) => [
        'PUT',
        '/api/Setting',
        { partitionGlobalId: id, settings: [{ key, value: value.replace(/[^ -~]/g, '') }] },
      ],
  ),
  fc.uuid().map(
    (name): Write =>
      ({ id, users }) => [
        'POST',
        '/api/Group',
        { partitionGlobalId: id, id: name, name, directoryUserIDsToAdd: users.map((user) => user.id) },
      ],
  ),
  fc.uuid().map(
    (name): Write =>
      ({ id }) => ['POST', '/api/RobotAccount', { partitionGlobalId: id, name }],
  ),
  fc.uuid().map(
    (name): Write =>
      ({ id }) => ['POST', '/api/User/BulkCreate', { partitionGlobalId: id, users: [{ userName: name }] }],
  ),
  fc.constantFrom(...KEYS).map(
    (key): Write =>
      ({ id }) => ['DELETE', '/api/Setting', { partitionGlobalId: id, settings: [key] }],
  ),
)

test.each(['embedded', 'deployed'] as const)(
  '%s: what was before any writes is again after a restore',
  async (mode) => {
    const here = isolate(mode)
    const { control, call, create } = here
    await fc.assert(
      fc.asyncProperty(
        fc.array(write, { minLength: 1, maxLength: 12 }),
        fc.array(write, { maxLength: 12 }),
        async (first, then) => {
          const tenant = await create()
          const apply = async (writes: readonly Write[]) => {
            for (const one of writes) {
              const [method, path, json] = one(tenant)
              const { status } = await call(method, path, { token: tenant.tokens.admin, json })
              expect(status).toBeLessThan(500)
            }
          }
          await apply(first)
          const [before, looks] = [await dump(here, tenant.id), await seen(here, tenant)]
          expect((await control('PUT', `/tenants/${tenant.id}/snapshots/before`)).status).toBe(201)
          await apply(then)
          expect((await control('POST', `/tenants/${tenant.id}/snapshots/before/restore`)).status).toBe(204)
          expect(await dump(here, tenant.id)).toEqual(before)
          expect(await seen(here, tenant)).toEqual(looks)
          expect((await control('PUT', `/tenants/${tenant.id}/dump`, before)).status).toBe(204)
          expect(await dump(here, tenant.id)).toEqual(before)
          expect(await seen(here, tenant)).toEqual(looks)
        },
      ),
      { numRuns: 8 },
    )
  },
  60_000,
)

test('a fork has what its origin had, under ids of its own, and neither hears of the other', async () => {
  const here = isolate('embedded')
  const origin = await here.create({
    seed: { users: [{ id: 'u-1', userName: 'u' }], settings: [{ key: 'k', value: 'v' }] },
  })
  const fork = await answer<CreatedTenant>(
    await here.control('POST', `/tenants/${origin.name}/fork`, { tokens: ['admin'] }),
    201,
  )
  const plain = (document: unknown) =>
    JSON.parse(JSON.stringify(document, (key, value) => (key === 'legacyId' ? 0 : value)))
  const [one, other] = [plain(await dump(here, origin.id)), plain(await dump(here, fork.id))]
  expect(other.settings[0].id).not.toBe(one.settings[0].id)
  other.settings[0].id = one.settings[0].id
  expect(other).toEqual(one)
  const settings = [{ key: 'k', value: 'changed' }]
  const json = { partitionGlobalId: fork.id, settings }
  await answer(await here.call('PUT', '/api/Setting', { token: fork.tokens.admin, json }))
  expect(plain(await dump(here, origin.id))).toEqual(one)
})

test('secrets are kept sealed, and come with forks, snapshots and documents', async () => {
  const here = isolate('deployed')
  const key = 'Email.Smtp.Password'
  const value = 'hush-hush'
  const secretOf = async ({ id, tokens }: CreatedTenant) =>
    answer(await here.call('GET', `/api/Setting?partitionGlobalId=${id}&key=${key}`, { token: tokens.admin }))
  const origin = await here.create({
    seed: {
      users: [{ userName: 'u' }],
      settings: [
        { key, value },
        { key, value, user: 'u' },
      ],
    },
  })
  const fork = await answer<CreatedTenant>(
    await here.control('POST', `/tenants/${origin.id}/fork`, { tokens: ['admin'] }),
    201,
  )
  expect(await secretOf(fork)).toMatchObject([{ value }])
  await answer(await here.control('PUT', `/tenants/${fork.id}/snapshots/one`), 201)
  expect(JSON.stringify((await env.DB.prepare('select * from snapshots').all()).results)).not.toContain(value)
  expect((await here.control('POST', `/tenants/${fork.id}/reset`)).status).toBe(204)
  expect(await secretOf(fork)).toMatchObject([{ value }])
  const document = await dump(here, fork.id)
  expect(document).toMatchObject({ settings: [{ value }, { value }] })
  expect((await here.control('PUT', `/tenants/${origin.id}/dump`, document)).status).toBe(204)
  expect(await secretOf(origin)).toMatchObject([{ value }])
})

test('a dump of every kind of account has no property that cannot be loaded', async () => {
  const here = isolate('embedded')
  const seed = { users: [{ userName: 'u' }], robotAccounts: [{ name: 'r' }], applications: [{ name: 'a' }] }
  const { id } = await here.create({ seed })
  const document = await dump(here, id)
  expect(document).toMatchObject({ users: [{}], robotAccounts: [{}], applications: [{}] })
  expect((await here.control('PUT', `/tenants/${id}/dump`, document)).status).toBe(204)
  await answer(await here.control('PUT', `/tenants/${id}/snapshots/one`), 201)
  expect(await answer(await here.control('GET', `/tenants/${id}/snapshots/one`))).toEqual(document)
})

test('a reset leads back to the beginning, with nothing armed', async () => {
  const here = isolate('deployed')
  const { control } = here
  const tenant = await here.create({ journal: true })
  const before = await dump(here, tenant.id)
  await answer(await control('POST', `/tenants/${tenant.id}/faults`, { status: 503 }), 201)
  await answer(await control('PUT', `/tenants/${tenant.id}/clock`, { now: '2021-01-01T00:00:00' }))
  const json = { partitionGlobalId: tenant.id, settings: [{ key: 'k', value: 'v' }] }
  await answer(await here.call('PUT', '/api/Setting', { token: tenant.tokens.admin, json }), 503)
  expect((await control('POST', `/tenants/${tenant.id}/reset`)).status).toBe(204)
  expect(await dump(here, tenant.id)).toEqual(before)
  expect(await answer(await control('GET', `/tenants/${tenant.id}/faults`))).toEqual({ results: [] })
  expect(await answer(await control('GET', `/tenants/${tenant.id}/clock`))).toMatchObject({ real: true })
  await answer(await here.call('PUT', '/api/Setting', { token: tenant.tokens.admin, json }))
  expect(await answer(await control('GET', `/tenants/${tenant.id}/journal/count`))).toEqual({ count: 1 })
})

test('snapshots are listed, replaced, read and forgotten; one that is not there empties nothing', async () => {
  const here = isolate('deployed')
  const { control } = here
  const { id } = await here.create()
  const before = await dump(here, id)
  await answer(await control('PUT', `/tenants/${id}/snapshots/one`), 201)
  await answer(await control('PUT', `/tenants/${id}/snapshots/one`), 200)
  expect(await answer(await control('GET', `/tenants/${id}/snapshots`))).toMatchObject({ results: [{ name: 'one' }] })
  expect(await answer(await control('GET', `/tenants/${id}/snapshots/one`))).toEqual(before)
  expect((await control('DELETE', `/tenants/${id}/snapshots/one`)).status).toBe(204)
  await answer(await control('POST', `/tenants/${id}/snapshots/one/restore`), 404)
  expect(await dump(here, id)).toEqual(before)
})

test('a document that contradicts itself changes nothing', async () => {
  const here = isolate('embedded')
  const { id } = await here.create()
  const before = await dump(here, id)
  const twice = { users: [{ userName: 'a' }, { userName: 'a' }] }
  await answer(await here.control('PUT', `/tenants/${id}/dump`, twice), 422)
  expect(await dump(here, id)).toEqual(before)
})
