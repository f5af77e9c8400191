// What is written down of requests: all of them, in order, without secrets, and no more than is kept.
import { env } from 'cloudflare:workers'
import { afterEach, expect, test, vi } from 'vitest'
import { isolate } from '../support/control.ts'
import { holdWaits } from '../support/held-waits.ts'
import { answer } from '../support/tenant.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

interface Entry {
  number: number
  method: string
  path: string
  operation: string | null
  principal: { clientId: string | null; userId: string | null }
  status: number
  request: unknown
  response: unknown
}

async function tenant(mode: 'embedded' | 'deployed') {
  const here = isolate(mode)
  const created = await here.create({ journal: true })
  const { id, tokens } = created
  return {
    ...here,
    ...created,
    write: (key: string, value: unknown) =>
      here.call('PUT', '/api/Setting', {
        token: tokens.admin,
        json: { partitionGlobalId: id, settings: [{ key, value }] },
      }),
    journal: async (query = '') =>
      answer<{ results: Entry[]; count: number }>(await here.control('GET', `/tenants/${id}/journal${query}`)),
  }
}

test.each(['embedded', 'deployed'] as const)('%s: every request is there once its answer is', async (mode) => {
  const { write, journal, call, id, tokens, name } = await tenant(mode)
  await answer(await write('Colour', 'red'))
  await answer(await write('Colour', [7]), 400)
  await answer(await call('GET', `/api/Group/${id}/nobody`, { token: tokens.reader }), 400)
  const { results, count } = await journal()
  expect(count).toBe(3)
  expect(results.map(({ number, method, operation, status }) => [number, method, operation, status])).toEqual([
    [1, 'PUT', 'Setting_UpdateSettings', 200],
    [2, 'PUT', 'Setting_UpdateSettings', 400],
    [3, 'GET', 'Group_GetGroup', 400],
  ])
  expect(results[0]).toMatchObject({
    path: '/identity_/api/Setting',
    principal: { clientId: `${name}-tests`, userId: null },
    request: { partitionGlobalId: id, settings: [{ key: 'Colour', value: 'red' }] },
    response: [{ key: 'Colour', value: 'red' }],
  })
})

test('filters narrow it down', async () => {
  const { write, journal, call, id, tokens, control } = await tenant('embedded')
  await write('a', 'b')
  await write('a', [7])
  await call('GET', `/api/Group/${id}`, { token: tokens.reader })
  expect((await journal('?operation=setting_updatesettings')).count).toBe(2)
  expect((await journal('?status=400')).count).toBe(1)
  expect((await journal('?method=get')).count).toBe(1)
  expect((await journal(`?path=${id}`)).count).toBe(1)
  expect((await journal('?principal=nobody')).count).toBe(0)
  expect((await journal('?since=2')).results.map(({ number }) => number)).toEqual([3])
  expect((await journal('?before=3')).results.map(({ number }) => number)).toEqual([1, 2])
  expect((await journal('?before=3&limit=1')).results.map(({ number }) => number)).toEqual([2])
  expect((await journal('?limit=1')).results.map(({ number }) => number)).toEqual([3])
  expect(await answer(await control('GET', `/tenants/${id}/journal/count?method=PUT`))).toEqual({ count: 2 })
})

test('no secret is in it', async () => {
  const { write, call, clients, id, tokens } = await tenant('embedded')
  const [{ id: client_id, secret: client_secret } = { id: '', secret: '' }] = clients
  await write('Email.Smtp.Password', 'hush-hush')
  await write('Auth.External', JSON.stringify({ clientId: 'open', clientSecret: 'hush-hush' }))
  await call('GET', `/api/Setting?partitionGlobalId=${id}&key=Email.Smtp.Password`, { token: tokens.admin })
  await call('POST', '/api/User', {
    token: tokens.admin,
    json: { partitionGlobalId: id, userName: 'kim', password: 'hush-hush-A1!' },
  })
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret })
  await call('POST', '/connect/token', {
    json: `${form}`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  })
  const { results } = await env.DB.prepare('select entry from journal where partition_id = ?').bind(id).all()
  expect(results).toHaveLength(5)
  const text = JSON.stringify(results)
  for (const secret of ['hush-hush', client_secret, 'eyJ']) expect(text).not.toContain(secret)
  expect(text).toContain('***')
  expect(text).toContain('open')
})

test('whoever waits is told as soon as it has happened, or that it has not', async () => {
  const { write, control, id } = await tenant('embedded')
  const query = 'operation=Setting_UpdateSettings&count=2'
  const told = control('GET', `/tenants/${id}/journal/wait?${query}&timeout=10`)
  await write('a', 'b')
  await write('a', 'c')
  expect(await answer(await told)).toMatchObject({ count: 2 })
  vi.useFakeTimers({ toFake: ['Date'] })
  const waited: number[] = []
  vi.stubGlobal('scheduler', {
    wait: async (milliseconds: number) => {
      waited.push(milliseconds)
      vi.setSystemTime(Date.now() + milliseconds)
    },
  })
  const late = await answer(await control('GET', `/tenants/${id}/journal/wait?operation=Group_GetGroup&timeout=1`), 408)
  expect(late).toMatchObject({
    detail: expect.stringMatching(
      /^There were 0 such requests in that time, not 1; its last: PUT \S+ 200, PUT \S+ 200\.$/,
    ),
  })
  expect(waited.reduce((sum, milliseconds) => sum + milliseconds, 0)).toBe(1000)
})

test('whoever waits has the journal read again only when it has changed, if only by as many requests as it had', async () => {
  const { write, call, control, id, tokens, takeTrips } = await tenant('deployed')
  for (const key of ['a', 'b', 'c', 'd', 'e']) await write(key, '1')
  const waits = holdWaits()
  takeTrips()
  const told = control('GET', `/tenants/${id}/journal/wait?operation=Group_GetGroups&timeout=10`)
  const first = await waits.next()
  const looked = takeTrips().at(-1)?.rowsRead ?? 0
  first.end()
  const second = await waits.next()
  expect(takeTrips()).toEqual([{ rowsRead: 1, rowsWritten: 0 }])
  expect(looked).toBeGreaterThanOrEqual(5)
  await answer(await control('DELETE', `/tenants/${id}/journal`), 204)
  for (const key of ['a', 'b', 'c', 'd']) await write(key, '2')
  await call('GET', `/api/Group/${id}`, { token: tokens.reader })
  second.end()
  expect(await answer(await told)).toMatchObject({ count: 1 })
})

test('whoever waits in vain is told of a journal that is empty, and whether it is switched off', async () => {
  const { control, id } = await tenant('deployed')
  const wait = async () => answer(await control('GET', `/tenants/${id}/journal/wait?timeout=0`), 408)
  expect(await wait()).toMatchObject({ detail: expect.stringMatching(/; the journal is empty\.$/) })
  await answer(await control('PUT', `/tenants/${id}/journal`, { enabled: false }))
  expect(await wait()).toMatchObject({ detail: expect.stringMatching(/; the journal is empty, and switched off\.$/) })
})

test('it is switched off and on, cleared, and kept bounded', async () => {
  const { write, journal, control, id } = await tenant('deployed')
  await answer(await control('PUT', `/tenants/${id}/journal`, { enabled: false }))
  await write('a', 'b')
  expect((await journal()).count).toBe(0)
  await answer(await control('PUT', `/tenants/${id}/journal`, { enabled: true }))
  await env.DB.prepare(
    `insert into journal with recursive n(n) as (select 1 union all select n + 1 from n where n < 1000)
     select ?, n, '{"method":"GET","path":"/","status":200}' from n`,
  )
    .bind(id)
    .run()
  await write('a', 'c')
  const { count, results } = await journal('?limit=1000')
  expect(count).toBe(1000)
  expect(results.at(-1)).toMatchObject({ number: 1001, method: 'PUT' })
  expect((await control('DELETE', `/tenants/${id}/journal`)).status).toBe(204)
  expect((await journal()).count).toBe(0)
})
