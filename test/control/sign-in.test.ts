// Tenants whose users sign in: passwords in seeds, several databases, and what the Cron trigger removes.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { databaseOf } from '../../src/database/placement.ts'
import worker from '../../src/index.ts'
import { isolate } from '../support/control.ts'
import { migrate } from '../support/migrate.ts'
import { Browser, createApp, createCode, REDIRECT_URI, requestOf, VERIFIER } from '../support/sign-in.ts'
import { answer } from '../support/tenant.ts'

const count = async (hash: string) =>
  (await env.DB.prepare('select 1 from grants where handle_hash = ?').bind(hash).all()).results.length

test('grants are removed a day after their time, with or without a control token', async () => {
  const app = await createApp()
  const [old, fresh] = [await createCode(app), await createCode(app)]
  await env.DB.prepare('update grants set remove_at = ? where handle_hash = ?').bind(1, old.hash).run()
  await worker.scheduled({}, { ...env, CONTROL_TOKEN: '' }, createExecutionContext())
  expect([await count(old.hash), await count(fresh.hash)]).toEqual([0, 1])
})

test.each([
  ['embedded', 0],
  ['deployed', 1],
] as const)('%s, a sign-in leaves %i grants whose time is over', async (mode, left) => {
  const [app, { old }] = [await createApp(), { old: await createCode(await createApp()) }]
  await env.DB.prepare('update grants set remove_at = ? where handle_hash = ?').bind(1, old.hash).run()
  const { control } = isolate(mode)
  const json = { user: app.user.id, client: app.client.id }
  await answer(await control('POST', `/tenants/${app.partition}/sign-ins`, json), 201)
  expect(await count(old.hash)).toBe(left)
})

test('a user of a seed signs in with its password, and no dump has it', async () => {
  const { create, control, send } = isolate('deployed', { LOCAL: '' })
  const id = `app-${crypto.randomUUID()}`
  const seed = {
    users: [{ userName: 'luna', password: 'a password of hers' }],
    clients: [{ id, public: true, redirectUris: ['https://app.example/callback'] }],
  }
  const tenant = await create({ seed })
  expect(tenant.clients).toMatchObject([{ id, secret: '' }])
  const app = await createApp()
  const request = { ...(await requestOf(app)), client_id: id }
  const to = await new Browser(send).signIn(request, 'LUNA', 'a password of hers')
  expect(to.searchParams.get('code')).toBeTruthy()
  const dump = await (await control('GET', `/tenants/${tenant.id}/dump?passwordHashes=true`)).text()
  expect(dump).not.toContain('a password of hers')
})

test('users of a partition in another database sign in as well', async () => {
  if (!env.SECOND) throw new Error('the tests need a second database')
  await migrate(env.SECOND)
  const { create, control, send, bindings } = isolate('deployed', { LOCAL: '', ...{ DB_2: env.SECOND } })
  const seed = (id: string) => ({
    users: [{ userName: 'luna', password: 'a password of hers' }],
    clients: [{ id, public: true, redirectUris: [REDIRECT_URI] }],
  })
  const elsewhere = async () => {
    for (;;) {
      const id = `app-${crypto.randomUUID()}`
      const tenant = await create({ seed: seed(id) })
      if (databaseOf(bindings, tenant.id).name === 'DB_2') return { id, tenant }
    }
  }
  const { id, tenant } = await elsewhere()
  const request = { ...(await requestOf(await createApp())), client_id: id }
  const browser = new Browser(send)
  await browser.signIn(request, 'luna', 'a password of hers')
  await answer(await control('POST', `/tenants/${tenant.id}/clock/advance`, { milliseconds: 60_000 }))
  const again = await browser.get(`/identity_/connect/authorize?${new URLSearchParams(request)}`)
  const code = new URL(again.headers.get('Location') ?? '').searchParams.get('code') ?? ''
  const fields = {
    grant_type: 'authorization_code',
    client_id: id,
    redirect_uri: REDIRECT_URI,
    code_verifier: VERIFIER,
  }
  await answer(await browser.post('/identity_/connect/token', { ...fields, code }))
  await answer(await browser.post('/identity_/connect/token', { ...fields, code }), 400)
})
