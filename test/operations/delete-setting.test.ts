// DELETE /api/Setting, DELETE /api/Setting/{settingId} and POST /api/Setting/VerifySmtpSettings.
import { describe, expect, test } from 'vitest'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import type { Setting } from '../../src/settings/setting.schema.ts'
import { adminOf, answer, call, createPartition, hostAdmin, mint, user } from '../support/tenant.ts'

/** A partition with two settings of its own and two of a user. */
async function createScene() {
  const partition = await createPartition({ entities: [user('ann')] })
  const admin = await adminOf(partition)
  const settings = ['a', 'b'].map((key) => ({ key, value: 'v' }))
  const put = async (userId?: string) =>
    answer<Setting[]>(
      await call('PUT', '/api/Setting', { token: admin, json: { settings, partitionGlobalId: partition, userId } }),
    )
  const own = await put()
  const ofUser = await put('ann')
  const read = async (userId: string) => {
    const query = `key=a&key=b&partitionGlobalId=${partition}&userId=${userId}`
    return answer<Setting[]>(await call('GET', `/api/Setting?${query}`, { token: admin }))
  }
  const state = async () => [...(await read('')), ...(await read('ann'))]
  const removeKeys = (keys: unknown, { token = admin, partitionGlobalId = partition as unknown } = {}) =>
    call('DELETE', '/api/Setting', { token, json: { settings: keys, partitionGlobalId } })
  const remove = (id: number | string, token = admin) => call('DELETE', `/api/Setting/${id}`, { token })
  const refused = async (status: number, response: Promise<Response>) => {
    await answer(await response, status)
    expect(await state()).toEqual([...own, ...ofUser])
  }
  return { partition, own, ofUser, state, removeKeys, remove, refused }
}

const gone = async (response: Promise<Response>) => {
  const { status, body } = await response
  expect([status, body]).toEqual([204, null])
}

describe('DELETE /api/Setting', () => {
  test('204: the partition’s own settings of those keys go, those of its users stay', async () => {
    const { own, ofUser, state, removeKeys } = await createScene()
    await gone(removeKeys(['a', 'unknown', 'a', 'B']))
    expect(await state()).toEqual([...own.slice(1), ...ofUser])
    await gone(removeKeys(['a']))
    await gone(removeKeys([]))
    expect(await state()).toEqual([...own.slice(1), ...ofUser])
  })

  test('204 for a host administrator, in any partition and in the host’s where none is named', async () => {
    const { own, ofUser, state, removeKeys } = await createScene()
    const token = await hostAdmin()
    await gone(removeKeys(['b'], { token }))
    expect(await state()).toEqual([...own.slice(0, 1), ...ofUser])
    await gone(removeKeys(['a'], { token, partitionGlobalId: '' }))
    expect(await state()).toEqual([...own.slice(0, 1), ...ofUser])
  })

  test('400 without keys, or with what is none', async () => {
    const { removeKeys, refused } = await createScene()
    for (const keys of [undefined, null, 'a', [null], [{ key: 'a' }]]) await refused(400, removeKeys(keys))
  })

  test('403 without a partition, elsewhere, for a plain user and with PM.Setting.Read', async () => {
    const { partition, removeKeys, refused } = await createScene()
    for (const partitionGlobalId of [null, '', HOST_PARTITION, await createPartition()]) {
      await refused(403, removeKeys(['a'], { partitionGlobalId }))
    }
    for (const token of [
      await mint({ prt_id: partition, sub: 'ann' }),
      await adminOf(partition, ['PM.Setting.Read']),
    ]) {
      await refused(403, removeKeys(['a'], { token }))
    }
  })

  test('404 for a partition nobody knows', async () => {
    const { removeKeys, refused } = await createScene()
    await refused(404, removeKeys(['a'], { token: await hostAdmin(), partitionGlobalId: crypto.randomUUID() }))
  })
})

describe('DELETE /api/Setting/{settingId}', () => {
  test('204 for a row of the partition, its own or a user’s; then 404', async () => {
    const { own, ofUser, state, remove } = await createScene()
    for (const [index, rows] of [own, ofUser].entries()) {
      const id = rows[index]?.id ?? 0
      await gone(remove(id))
      await answer(await remove(id), 404)
    }
    expect(await state()).toEqual([own[1], ofUser[0]])
  })

  test('204 for a host administrator in any partition, 404 for a row there is not', async () => {
    const { own, state, remove } = await createScene()
    const token = await hostAdmin()
    await gone(remove(own[0]?.id ?? 0, token))
    await answer(await remove(own[0]?.id ?? 0, token), 404)
    expect(await state()).toHaveLength(3)
  })

  test('404 for a row of another partition, the host’s among them', async () => {
    const { own, remove, refused } = await createScene()
    const other = await adminOf(await createPartition())
    await refused(404, remove(own[0]?.id ?? 0, other))
    await refused(404, remove(20))
  })

  test.each(['0', '-1', '999999', '9223372036854775807', '9999999999999999999'])('404 for %s', async (id) => {
    const { remove, refused } = await createScene()
    await refused(404, remove(id))
    await refused(404, remove(id, await hostAdmin()))
  })

  test.each(['a', '1.5', '0x1', '1e1', 'Email.Smtp.Host', crypto.randomUUID()])('400 for %s', async (id) => {
    const { remove, refused } = await createScene()
    await refused(400, remove(id))
  })

  test('403 for a plain user, and with PM.Setting.Read', async () => {
    const { partition, own, remove, refused } = await createScene()
    const id = own[0]?.id ?? 0
    await refused(403, remove(id, await mint({ prt_id: partition, sub: 'ann' })))
    await refused(403, remove(id, await adminOf(partition, ['PM.Setting.Read'])))
  })
})

describe('POST /api/Setting/VerifySmtpSettings', () => {
  const smtpSettings = { host: 'smtp.x.org', port: 587, userName: null, enableSsl: true, fromAddress: 'a@x.org' }
  const json = { recipient: 'ann@x.org', smtpSettings }
  const verify = (body: object, token: string) => call('POST', '/api/Setting/VerifySmtpSettings', { token, json: body })

  test('200, saying that nothing was sent', async () => {
    const body = await answer(await verify(json, await adminOf(await createPartition())))
    expect(body).toEqual({ sent: false, message: expect.stringMatching(/No message was sent to ann@x\.org/) })
  })

  test.each<[object, string]>([
    [{ ...json, recipient: null }, 'recipient'],
    [{ ...json, recipient: 'ann' }, 'recipient'],
    [{ recipient: 'ann@x.org' }, 'smtpSettings'],
    [{ ...json, smtpSettings: { ...smtpSettings, host: '' } }, 'smtpSettings.host'],
    [{ ...json, smtpSettings: { ...smtpSettings, port: 0 } }, 'smtpSettings.port'],
    [{ ...json, smtpSettings: { ...smtpSettings, port: 65_536 } }, 'smtpSettings.port'],
    [{ ...json, smtpSettings: { ...smtpSettings, port: '58x' } }, 'smtpSettings.port'],
    [{ ...json, smtpSettings: { ...smtpSettings, enableSsl: 'yes' } }, 'smtpSettings.enableSsl'],
  ])('400 for %j', async (body, field) => {
    const problem = await answer(await verify(body, await adminOf(await createPartition())), 400)
    expect(problem).toMatchObject({ errors: { [field]: [expect.any(String)] } })
  })

  test('403 for a plain user', async () => {
    const partition = await createPartition({ entities: [user('ann')] })
    await answer(await verify(json, await mint({ prt_id: partition, sub: 'ann' })), 403)
  })
})
