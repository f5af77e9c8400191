// A tenant that an isolate knows is forked and removed without a look-up; what it knows is never gone by if it is no more so.
import { env } from 'cloudflare:workers'
import { afterEach, expect, test, vi } from 'vitest'
import { type CreatedTenant, isolate } from '../support/control.ts'
import { answer } from '../support/tenant.ts'

afterEach(() => vi.useRealTimers())

const named = (column: 'id' | 'name', value: string) =>
  env.DB.prepare(`select count(*) as found from partitions where ${column} = ?`).bind(value).first<number>('found')

test('a fork and a removal take one round trip each', async () => {
  const here = isolate('deployed')
  const { id } = await here.create()
  here.takeTrips()
  const fork = await answer<CreatedTenant>(await here.control('POST', `/tenants/${id}/fork`), 201)
  expect(here.takeTrips()).toHaveLength(1)
  for (const gone of [fork.id, id]) {
    await answer(await here.control('DELETE', `/tenants/${gone}`), 204)
    expect(here.takeTrips()).toHaveLength(1)
    expect(await named('id', gone)).toBe(0)
  }
})

test('one that another isolate has removed is not there, and nothing is made of it', async () => {
  const [here, there] = [isolate('deployed'), isolate('deployed')]
  const { id } = await here.create()
  await answer(await there.control('DELETE', `/tenants/${id}`), 204)
  await answer(await here.control('POST', `/tenants/${id}/fork`, { name: 'made-of-nothing' }), 404)
  await answer(await here.control('DELETE', `/tenants/${id}`), 404)
  expect(await named('name', 'made-of-nothing')).toBe(0)
})

test('a name is that of whoever has it now', async () => {
  const [here, there] = [isolate('deployed'), isolate('deployed')]
  const first = await here.create({ name: 'handed-on' })
  await answer(await here.control('GET', '/tenants/handed-on'))
  await answer(await there.control('DELETE', `/tenants/${first.id}`), 204)
  const second = await there.create({ name: 'handed-on' })
  await answer(await here.control('DELETE', '/tenants/handed-on'), 204)
  await answer(await there.control('GET', `/tenants/${second.id}`), 404)
  const { results } = await answer<{ results: { operation: string; tenant: string }[] }>(
    await there.control('GET', '/audit?limit=20'),
  )
  const removed = results.filter(({ operation }) => operation === 'deleteTenant').map(({ tenant }) => tenant)
  expect(removed.slice(0, 2)).toEqual([second.id, first.id])
})

test('an id is found before a name, also if it is newer', async () => {
  const [here, there] = [isolate('deployed'), isolate('deployed')]
  const id = crypto.randomUUID()
  const other = await here.create({ name: id })
  await answer(await here.control('GET', `/tenants/${id}`))
  await env.DB.prepare('insert into partitions (id, name) values (?, ?)').bind(id, `of-${id}`).run()
  await answer(await here.control('DELETE', `/tenants/${id}`), 409)
  await answer(await there.control('GET', `/tenants/${other.id}`))
})

test('one whose time is over is not there', async () => {
  const here = isolate('deployed')
  const { id } = await here.create({ ttl: 60 })
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
  await answer(await here.control('POST', `/tenants/${id}/fork`), 404)
  await answer(await here.control('DELETE', `/tenants/${id}`), 404)
})
