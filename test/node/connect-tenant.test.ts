// `connectTenant`: tenants of a service that runs elsewhere.
import { afterAll, expect, it } from 'vitest'
import { ControlClient } from '../../src/node/library/control-client.ts'
import { connectTenant } from '../../src/node/library/library.ts'
import { startTestTenant } from '../../src/node/library/start-test-tenant.ts'
import type { MadeKey } from '../../src/node/library/wire.ts'
import { repository } from '../../src/node/local/repository.ts'
import { openServer } from '../../src/node/runtime/server.ts'
import { putSetting, readSetting } from './settings.ts'

const controlToken = 'a-token'
const deployment = await openServer(repository, { variables: { CONTROL_TOKEN: controlToken } })
const { url } = deployment

afterAll(() => deployment.stop())

it('makes a tenant, which is gone when it is stopped', async () => {
  const tenant = await connectTenant({ url: `${url}/`, controlToken, seed: { settings: [{ key: 'A', value: '1' }] } })
  expect(await readSetting(tenant, 'A')).toBe('1')
  await tenant.stop()

  await expect(tenant.dump()).rejects.toThrow('this tenant was stopped')
  await expect(connectTenant({ url, controlToken: tenant.key })).rejects.toMatchObject({ status: 401 })
})

it('reaches a tenant by the connection that another process was handed', async () => {
  const maker = await startTestTenant(repository, { controlToken: 'a-key-of-our-own' })
  const connection = JSON.parse(JSON.stringify(maker.connection))
  expect(connection).toEqual({ url: expect.any(String), controlToken: 'a-key-of-our-own', name: maker.name })
  const guest = await connectTenant(connection)
  expect(guest.id).toBe(maker.id)
  await guest.stop()
  expect(await maker.dump()).toHaveProperty('users')
  const fork = await maker.fork()
  await maker.stop()

  await expect(maker.dump()).rejects.toThrow('this tenant was stopped')
  await expect(fork.token()).rejects.toThrow('this tenant was stopped')
  await fork.stop()
})

it('finds a tenant by its name, and leaves it when it is stopped', async () => {
  const maker = await connectTenant({ url, controlToken, name: 'shared' })
  await putSetting(maker, 'A', '1')
  const guest = await connectTenant({ url, controlToken, name: 'shared' })
  expect(guest.id).toBe(maker.id)
  expect(guest.clients).toEqual([])
  await guest.stop()

  expect(await readSetting(maker, 'A')).toBe('1')
})

it('makes one tenant when several connect at once under one name', async () => {
  const tenants = await Promise.all(
    Array.from({ length: 8 }, () => connectTenant({ url, controlToken, name: 'crowded' })),
  )

  expect(new Set(tenants.map(({ id }) => id)).size).toBe(1)
})

it('works with a team’s key, and with the key of the tenant alone', async () => {
  const { key: teamKey } = await new ControlClient(url, controlToken).call<MadeKey>('POST', '/keys', {
    body: { team: 'crew', limits: { tenants: 2 } },
  })
  const maker = await connectTenant({ url, controlToken: teamKey, name: 'of-the-crew' })
  const fork = await maker.fork()
  await expect(maker.fork()).rejects.toMatchObject({ status: 403 })
  const guest = await connectTenant({ url, controlToken: fork.key })
  expect(guest.id).toBe(fork.id)
  await putSetting(guest, 'A', '1')
  await expect(guest.fork()).rejects.toMatchObject({ status: 403 })
  await expect(connectTenant({ url, controlToken: fork.key, name: maker.name })).rejects.toMatchObject({ status: 403 })
  await guest.stop()

  expect(await readSetting(fork, 'A')).toBe('1')
  await maker.stop()
})

it('is told that the control token is wrong', async () => {
  await expect(connectTenant({ url, controlToken: 'wrong' })).rejects.toMatchObject({
    name: 'ControlError',
    status: 401,
    message: 'POST /_control/tenants answered 401: The control token or key is missing, wrong, expired or revoked.',
  })
})
