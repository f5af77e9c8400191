// The console's pages: anybody may load them, they hold nothing, and no other page may act through them.
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { isEnough, kindOf, LEAST_KEYS } from '../../src/console/access.ts'
import { controlApp } from '../../src/control/control.app.ts'
import { operations } from '../../src/http/contract.ts'
import { isolate } from '../support/control.ts'
import { callsWith, makeKey } from '../support/keys.ts'
import { answer } from '../support/tenant.ts'

const PAGES = ['/_control/', '/_control/reference'] as const
const html = { headers: { accept: 'text/html' } }

const here = isolate('embedded')
const deployed = isolate('deployed', { LOCAL: '' })

test.each(PAGES)('%s needs no key, and runs scripts of its own server alone, in no frame', async (path) => {
  const page = await deployed.send('GET', path)

  expect(page.status).toBe(200)
  expect(page.headers.get('Content-Type')).toBe('text/html; charset=utf-8')
  const policy = page.headers.get('Content-Security-Policy') ?? ''
  expect(policy).toContain("default-src 'none'; script-src 'self';")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toContain('unsafe-eval')
})

test('every script and style of the pages is served, and nothing of them is inline or of another server', async () => {
  for (const path of PAGES) {
    const page = await (await here.send('GET', path)).text()
    const parts = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part = '']) => part)
    expect(page).not.toMatch(/<script(?![^>]* src=)|<style| style=| on[a-z]+=/)
    for (const part of parts.filter((one) => one !== 'data:,')) {
      expect(part).toMatch(/^\/_control\/console\/[a-z-]+\.(?:js|css)$/)
      const file = await here.send('GET', part)
      expect(file.status).toBe(200)
      await file.arrayBuffer()
    }
  }
})

test('a local server answers a browser with the console at /, and everybody else as before', async () => {
  expect((await here.send('GET', '/', html)).headers.get('Content-Type')).toBe('text/html; charset=utf-8')
  expect((await here.send('GET', '/')).status).toBe(404)
  expect((await deployed.send('GET', '/', html)).status).toBe(404)
})

test('without a control plane there is no console', async () => {
  const bare = isolate('embedded', { CONTROL_TOKEN: '' })
  for (const path of ['/', ...PAGES, '/_control/console/console.js']) {
    expect((await bare.send('GET', path, html)).status).toBe(404)
  }
})

test.each(['../openapi/control.json', '%2e%2e%2fopenapi%2fcontrol.json', 'console.json', 'none.js', 'Console.js'])(
  'no other file is reached as %s',
  async (name) => {
    const response = await here.send('GET', `/_control/console/${name}`)
    expect([401, 404]).toContain(response.status)
  },
)

test('what the console shows needs the key', async () => {
  for (const path of ['/tenants?all=true', '/openapi.json']) {
    await answer(await here.send('GET', `/_control${path}`), 401)
  }
})

test('tenants that were not made on demand are listed with those that were, if they are asked for', async () => {
  const { id } = await here.create()
  const ids = async (query: string) =>
    (await answer<{ results: { id: string }[] }>(await here.control('GET', `/tenants${query}`))).results.map(
      (one) => one.id,
    )

  expect(await ids('')).toContain(id)
  expect(await ids('?all=true')).toEqual(expect.arrayContaining([id, 'magic-7']))
  expect(await ids('?all=false')).not.toContain('magic-7')
})

test('more tenants than one answer has are listed by pages', async () => {
  const { key } = await makeKey(here, 'many')
  const numbers = 'with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 1001)'
  await env.DB.batch([
    env.DB.prepare(`insert into partitions (id, name) ${numbers} select 'many-' || n, 'many-' || n from numbers`),
    env.DB.prepare(
      `insert into tenants (partition_id, created_at, team) ${numbers} select 'many-' || n, n, 'many' from numbers`,
    ),
  ])
  const page = async (query: string) =>
    answer<{ results: { id: string }[]; next: number | null }>(await callsWith(here, key)('GET', `/tenants${query}`))

  const first = await page('')
  expect([first.results.length, first.results[0]?.id, first.next]).toEqual([1000, 'many-1001', 1000])
  expect(await page(`?skip=${first.next}`)).toEqual({
    results: [expect.objectContaining({ id: 'many-1' })],
    next: null,
  })
  await answer(await callsWith(here, key)('GET', '/tenants?skip=-1'), 400)
})

test('what the console offers to whom is what the contracts say', () => {
  const kinds = operations(controlApp).map(({ contract }) => [contract.operationId, contract.key ?? 'root'] as const)
  for (const [operation, needed] of Object.entries(LEAST_KEYS)) {
    expect(kinds, operation).toContainEqual([operation, needed])
  }
  for (const kind of ['team', 'tenant'] as const) expect(kindOf(`ie_${kind}_abc`)).toBe(kind)
  expect(kindOf('local-control')).toBe('root')
  expect(isEnough('ie_tenant_abc', 'team')).toBe(false)
  expect(isEnough('ie_team_abc', 'tenant')).toBe(true)
})

test('a dump can be had in part', async () => {
  const { id } = await here.create({ seed: { settings: [{ key: 'One', value: '1' }], users: [{ userName: 'luna' }] } })

  const part = await answer<object>(await here.control('GET', `/tenants/${id}/dump?only=settings`))
  expect(part).toMatchObject({ settings: [{ key: 'One', value: '1' }] })
  expect(Object.keys(part)).toEqual(['settings'])
  await answer(await here.control('GET', `/tenants/${id}/dump?only=setting`), 400)
})
