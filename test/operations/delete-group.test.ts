// DELETE /api/Group/{partitionGlobalId}/{groupId} and DELETE /api/Group/{partitionGlobalId}: groups go, built-in ones stay.
import { describe, expect, test } from 'vitest'
import type { Group } from '../../src/groups/group.schema.ts'
import { adminOf, answer, call, createPartition, customGroup, hostAdmin, user } from '../support/tenant.ts'

/** Nobody's, and no group's. */
const NIX = '7e57ab1e-0000-4000-8000-00000000000a'

const EVERYONE = 'ce684f6f-5af3-4e43-8516-1adad6e98fc9'

async function createScene() {
  const groups = ['one', 'two', 'three'].map((id) => customGroup(id, id, ['ann']))
  const partition = await createPartition({ entities: [user('ann')], groups })
  const admin = await adminOf(partition)
  const custom = async () => {
    const all = await answer<Group[]>(await call('GET', `/api/Group/${partition}`, { token: admin }))
    expect(all.filter(({ type }) => type === 0)).toHaveLength(5)
    return all.filter(({ type }) => type === 1).map(({ id }) => id)
  }
  const remove = (group: string, { token = admin, headers = {} } = {}) =>
    call('DELETE', `/api/Group/${partition}/${group}`, { token, headers })
  const removeAll = (json: unknown, token = admin) => call('DELETE', `/api/Group/${partition}`, { token, json })
  return { partition, admin, custom, remove, removeAll }
}

const gone = async (response: Response) => {
  expect([response.status, await response.text()]).toEqual([204, ''])
}

describe('DELETE /api/Group/{partitionGlobalId}/{groupId}', () => {
  test('204 when it is there, called JSON though there is no body; 404 afterwards', async () => {
    const { custom, remove } = await createScene()
    await gone(await remove('TWO', { headers: { 'Content-Type': 'application/json' } }))
    expect(await custom()).toEqual(['one', 'three'])
    await answer(await remove('two'), 400)
    await answer(await remove(crypto.randomUUID()), 404)
  })

  test('204 once, then 404, for a GUID; its name is free again', async () => {
    const { partition, admin, remove } = await createScene()
    const json = { id: crypto.randomUUID(), name: 'New', directoryUserMemberIDs: ['ann'] }
    for (let round = 0; round < 2; round++) {
      await answer(await call('POST', '/api/Group', { token: admin, json }), 201)
      await gone(await remove(json.id))
      await answer(await remove(json.id), 404)
      await answer(await call('GET', `/api/Group/${partition}/${json.id}/Members`, { token: admin }), 404)
    }
  })

  test('204 for exactly one of many at once', async () => {
    const { admin, remove } = await createScene()
    const id = crypto.randomUUID()
    await answer(await call('POST', '/api/Group', { token: admin, json: { id, name: 'New' } }), 201)
    const responses = await Promise.all(Array.from({ length: 30 }, () => remove(id)))
    expect(responses.map(({ status }) => status).filter((status) => status === 204)).toHaveLength(1)
  })

  test('409 when it is built-in', async () => {
    const { custom, remove } = await createScene()
    expect(await answer(await remove(EVERYONE), 409)).toEqual({ errorMessage: expect.stringMatching(/Everyone/) })
    expect(await custom()).toHaveLength(3)
  })

  test('403 when the token reads only or is another partition’s, and 404 for a host administrator elsewhere', async () => {
    const { partition, custom, remove } = await createScene()
    await answer(await remove('one', { token: await adminOf(partition, ['PM.Group.Read']) }), 403)
    await answer(await remove('one', { token: await adminOf(await createPartition()) }), 403)
    const elsewhere = `/api/Group/${crypto.randomUUID()}/${EVERYONE}`
    await answer(await call('DELETE', elsewhere, { token: await hostAdmin() }), 404)
    expect(await custom()).toHaveLength(3)
  })
})

describe('DELETE /api/Group/{partitionGlobalId}', () => {
  test('204 when some are there: those go, and ids nobody knows are ignored', async () => {
    const { custom, removeAll } = await createScene()
    await gone(await removeAll({ groupIDs: ['one', NIX, 'ONE', crypto.randomUUID(), 'three'] }))
    expect(await custom()).toEqual(['two'])
    await gone(await removeAll({ groupIDs: [NIX] }))
    await gone(await removeAll({ groupids: [] }))
    expect(await custom()).toEqual(['two'])
  })

  test('409 when a built-in one is among them: none goes', async () => {
    const { custom, removeAll } = await createScene()
    const body = await answer(await removeAll({ groupIDs: ['one', EVERYONE.toUpperCase(), 'two'] }), 409)
    expect(body).toEqual({ errorMessage: expect.stringMatching(/Everyone/) })
    expect(await custom()).toHaveLength(3)
  })

  test.each([{}, { groupIDs: null }, { groupIDs: 'one' }, { groupIDs: ['one', ''] }, { groupIDs: ['one', 7] }])(
    '400 for %j: none goes',
    async (json) => {
      const { custom, removeAll } = await createScene()
      await answer(await removeAll(json), 400)
      expect(await custom()).toHaveLength(3)
    },
  )

  test('another partition keeps its groups of the same ids', async () => {
    const [ours, theirs] = [await createScene(), await createScene()]
    await gone(await ours.removeAll({ groupIDs: ['one', 'two', 'three'] }))
    expect(await theirs.custom()).toHaveLength(3)
    await answer(await ours.removeAll({ groupIDs: [] }, theirs.admin), 403)
  })
})
