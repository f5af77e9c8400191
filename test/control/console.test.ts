// The console's pages: anybody may load them, they hold nothing, and no other page may act through them.
import { expect, test } from 'vitest'
import { isolate } from '../support/control.ts'
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

test('a dump can be had in part', async () => {
  const { id } = await here.create({ seed: { settings: [{ key: 'One', value: '1' }], users: [{ userName: 'luna' }] } })

  const part = await answer<object>(await here.control('GET', `/tenants/${id}/dump?only=settings`))
  expect(part).toMatchObject({ settings: [{ key: 'One', value: '1' }] })
  expect(Object.keys(part)).toEqual(['settings'])
  await answer(await here.control('GET', `/tenants/${id}/dump?only=setting`), 400)
})
