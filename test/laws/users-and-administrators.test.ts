// Who may act on a partition with a user's token: its administrators, and everybody on their own settings.
import { beforeEach, describe, expect, test } from 'vitest'
import { ADMINISTRATORS } from '../../src/auth/administrators.ts'
import { adminOf, answer, call, createPartition, mint, user } from '../support/tenant.ts'

let partition: string
const tokenOf = (sub: string) => mint({ prt_id: partition, sub, sub_type: 'user' })

beforeEach(async () => {
  partition = await createPartition({ entities: [user('boss'), user('plain')] })
  const json = { name: 'Administrators', partitionGlobalId: partition, directoryUserIDsToAdd: ['boss'] }
  await answer(await call('PUT', `/api/Group/${ADMINISTRATORS}`, { token: await adminOf(partition), json }))
})

const put = async (sub: string, userId?: string) =>
  call('PUT', '/api/Setting', {
    token: await tokenOf(sub),
    json: { settings: [{ key: 'k', value: sub }], partitionGlobalId: partition, userId },
  })
const get = async (sub: string, userId = '') =>
  call('GET', `/api/Setting?key=k&partitionGlobalId=${partition}&userId=${userId}`, { token: await tokenOf(sub) })

describe('a user', () => {
  test('who administers the partition reads and writes everything in it', async () => {
    expect(await answer(await put('boss'))).toMatchObject([{ value: 'boss' }])
    expect(await answer(await get('boss'))).toHaveLength(1)
    expect(await answer(await put('boss', 'plain'))).toMatchObject([{ userId: 'plain' }])
    await answer(await call('GET', `/api/Group/${partition}`, { token: await tokenOf('BOSS') }))
  })

  test('who does not reads and writes its own settings', async () => {
    expect(await answer(await put('plain', 'plain'))).toMatchObject([{ value: 'plain', userId: 'plain' }])
    expect(await answer(await get('plain', 'PLAIN'))).toHaveLength(1)
  })

  test.each(['plain', 'PLAIN'])('%s is refused anything else with 403, and nothing is written', async (sub) => {
    await answer(await put(sub), 403)
    await answer(await put(sub, 'boss'), 403)
    await answer(await get(sub), 403)
    await answer(await get(sub, 'boss'), 403)
    await answer(await call('GET', `/api/Group/${partition}`, { token: await tokenOf(sub) }), 403)
    const json = { name: 'Administrators', directoryUserIDsToAdd: [sub] }
    await answer(await call('PUT', `/api/Group/${ADMINISTRATORS}`, { token: await tokenOf(sub), json }), 403)
    expect(await answer(await get('boss'))).toEqual([])
    expect(await answer(await get('boss', 'boss'))).toEqual([])
  })

  test('loses what membership gave as soon as it is gone', async () => {
    const json = { name: 'Administrators', directoryUserIDsToRemove: ['boss'] }
    await answer(await call('PUT', `/api/Group/${ADMINISTRATORS}`, { token: await tokenOf('boss'), json }))
    await answer(await get('boss'), 403)
  })

  test('who was deleted is refused, administrator or not', async () => {
    const token = await adminOf(partition)
    for (const sub of ['boss', 'plain']) {
      await answer(await call('DELETE', `/api/User/${sub}`, { token }), 204)
      await answer(await put(sub), 403)
    }
  })

  test('the directory never knew is refused, whatever its scopes', async () => {
    await answer(await put(crypto.randomUUID()), 403)
    await answer(await get(crypto.randomUUID()), 403)
  })
})
