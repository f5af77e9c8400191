// DELETE /api/User/{user} and DELETE /api/User: users go with all that hangs on them, and only they.
import { beforeEach, describe, expect, test } from 'vitest'
import { EVERYONE } from '../../src/groups/group.schema.ts'
import { adminOf, answer, call, createPartition, customGroup, hostAdmin, user } from '../support/tenant.ts'
import { findUser, groupOf, stored } from '../support/users.ts'

/** Nobody's, and no group's. */
const NIX = '7e57ab1e-0000-4000-8000-00000000000a'

let partition: string
let token: string

const crew = crypto.randomUUID()

beforeEach(async () => {
  const entities = [user('ada'), user('bob'), user('cay'), { ...user('rob'), type: 4 }]
  partition = await createPartition({ entities, groups: [customGroup(crew, 'Crew', ['ada', 'bob', 'rob'])] })
  token = await adminOf(partition)
})

const remove = async (id: string, as = token) => call('DELETE', `/api/User/${id}`, { token: as })
const removeAll = async (userIds: unknown, more: object = {}, as = token) =>
  call('DELETE', '/api/User', { token: as, json: { userIds, partitionGlobalId: partition, ...more } })
const names = async () => (await stored(token, partition)).results.map(({ userName }) => userName)
const members = async () => (await groupOf(token, partition, crew)).members.map(({ name }) => name)

describe('DELETE /api/User/{user}', () => {
  test('204 and the user is gone from the list and from its groups; the second time 400 or 404', async () => {
    const response = await remove('ADA')
    expect([response.status, await response.text()]).toEqual([204, ''])
    await answer(await remove('ada'), 400)
    await answer(await call('GET', '/api/User/ada', { token }), 400)
    expect(await names()).toEqual(['bob', 'cay'])
    expect((await stored(token, partition)).totalCount).toBe(2)
    expect(await members()).toEqual(['bob', 'rob'])
    const id = crypto.randomUUID()
    await answer(await call('POST', '/api/User', { token, json: { id, userName: 'ada', groupIDs: [crew] } }))
    expect((await findUser(token, id)).groupIDs).toEqual([EVERYONE, crew])
    await answer(await remove(id), 204)
    await answer(await remove(id), 404)
    await answer(await call('GET', `/api/User/${id}`, { token }), 404)
  })

  test('the settings of the user are gone as well', async () => {
    const settings = [{ key: 'k', value: 'v' }]
    await answer(
      await call('PUT', '/api/Setting', { token, json: { settings, partitionGlobalId: partition, userId: 'cay' } }),
    )
    await answer(await remove('cay'), 204)
    const query = `key=k&partitionGlobalId=${partition}&userId=cay`
    await answer(await call('GET', `/api/Setting?${query}`, { token }), 400)
  })

  test('400 for a robot account, 404 for a user of another partition, which both stay', async () => {
    const theirs = crypto.randomUUID()
    const other = await createPartition({ entities: [user(theirs)] })
    await answer(await remove('rob'), 400)
    await answer(await remove(theirs), 404)
    await answer(await remove(theirs, await hostAdmin()), 404)
    expect((await stored(await adminOf(other), other)).totalCount).toBe(1)
    expect(await members()).toEqual(['ada', 'bob', 'rob'])
  })

  test('takes a content type without a body', async () => {
    const headers = { 'Content-Type': 'application/json' }
    await answer(await call('DELETE', '/api/User/ada', { token, headers }), 204)
  })

  test('of 50 deletions at once exactly one finds the user, which is counted out once', async () => {
    const statuses = (await Promise.all(Array.from({ length: 50 }, () => remove('ada')))).map(({ status }) => status)
    expect(statuses.filter((status) => status === 204)).toHaveLength(1)
    expect((await stored(token, partition)).totalCount).toBe(2)
  })
})

describe('DELETE /api/User', () => {
  test('204: those that are users are gone, whatever else is listed', async () => {
    const other = await createPartition({ entities: [user(NIX)] })
    const response = await removeAll(['ada', 'ADA', 'cay', 'rob', NIX, crypto.randomUUID()])
    expect([response.status, await response.text()]).toEqual([204, ''])
    expect(await names()).toEqual(['bob'])
    expect((await stored(token, partition)).totalCount).toBe(1)
    expect(await members()).toEqual(['bob', 'rob'])
    expect((await stored(await adminOf(other), other)).totalCount).toBe(1)
  })

  test('204 for nobody, again and again', async () => {
    await answer(await removeAll([]), 204)
    await answer(await removeAll(['ada'], { partitionGlobalId: null }), 204)
    await answer(await removeAll([NIX]), 204)
    await answer(await removeAll([NIX]), 204)
    expect((await stored(token, partition)).totalCount).toBe(2)
  })

  test('204 for 1,000 users at once', async () => {
    const users = Array.from({ length: 1000 }, (_, index) => ({ id: crypto.randomUUID(), userName: `u${index}` }))
    await answer(await call('POST', '/api/User/BulkCreate', { token, json: { users, groupIDs: [crew] } }))
    expect(await members()).toHaveLength(1003)
    await answer(await removeAll(users.map(({ id }) => id)), 204)
    expect(await names()).toEqual(['ada', 'bob', 'cay'])
    expect(await members()).toEqual(['ada', 'bob', 'rob'])
  })

  test.each([undefined, null, 'ada', [''], [1], [['ada']]])('400 for %j, and nobody is gone', async (ids) => {
    await answer(await removeAll(ids), 400)
    expect(await names()).toHaveLength(3)
  })

  test('403 in another partition, 404 in one that is unknown', async () => {
    const other = await createPartition({ entities: [user('ada')] })
    await answer(await removeAll(['ada'], { partitionGlobalId: other }), 403)
    await answer(await removeAll([NIX], { partitionGlobalId: crypto.randomUUID() }, await hostAdmin()), 404)
    expect((await stored(await adminOf(other), other)).totalCount).toBe(1)
  })
})
