// The Cron trigger removes grants and sessions whose time is over, and no others. Seeds have passwords.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import worker from '../../src/index.ts'
import { isolate } from '../support/control.ts'
import { Browser, createApp, createCode, requestOf } from '../support/sign-in.ts'

const count = async (hash: string) =>
  (await env.DB.prepare('select 1 from grants where handle_hash = ?').bind(hash).all()).results.length

test('grants are removed a day after their time, with or without a control token', async () => {
  const app = await createApp()
  const [old, fresh] = [await createCode(app), await createCode(app)]
  await env.DB.prepare('update grants set remove_at = ? where handle_hash = ?')
    .bind(Date.now() - 1, old.hash)
    .run()
  await worker.scheduled({}, { ...env, CONTROL_TOKEN: '' }, createExecutionContext())
  expect([await count(old.hash), await count(fresh.hash)]).toEqual([0, 1])
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
