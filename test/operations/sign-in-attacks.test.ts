// What somebody who wants in, or wants another one's code, may try at the sign-in page.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { plantClient } from '../../src/connect/client.seed.ts'
import { Database } from '../../src/database/database.ts'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { checkCredentials } from '../../src/users/check-credentials.ts'
import { LockedOut } from '../../src/users/login-attempt.queries.ts'
import { isolate } from '../support/control.ts'
import { type App, Browser, createApp, REDIRECT_URI, requestOf, setPassword } from '../support/sign-in.ts'
import { adminOf, answer, createPartition, ORIGIN } from '../support/tenant.ts'

const PASSWORD = 'Correct horse 1'
const deployment = isolate('deployed', { LOCAL: '' })
const { send, control } = deployment
const newBrowser = () => new Browser(send)

let app: App
let request: Record<string, string>

beforeEach(async () => {
  app = await createApp()
  await setPassword(app.user.id, PASSWORD)
  request = await requestOf(app)
})

/** Tries a password, and says what page or address it is answered with. */
async function attempt(username: string, password: string) {
  const browser = newBrowser()
  const { fields } = await browser.openPage(request)
  deployment.takeTrips()
  const response = await browser.post('/identity_/web/login', { ...fields, username, password })
  const trips = deployment.takeTrips().length
  return { status: response.status, trips, text: await response.text() }
}

const signIn = async () => (await attempt(app.user.name, PASSWORD)).status === 302

/** A page without what is drawn anew for each, and without the name that was typed. */
const essence = (text: string, name: string) =>
  text
    .replaceAll(name, 'NAME')
    .replace(/nonce="[^"]*"/g, '')
    .replace(/name="token" value="[^"]*"/g, '')

describe('a user name that there is not', () => {
  test('is answered with the same page, after the same trips, as one that there is', async () => {
    // The isolate's first look at a password loads what passwords are hashed with.
    await attempt(app.user.name, 'wrong')
    const [known, unknown] = [await attempt(app.user.name, 'wrong'), await attempt('nobody-at-all', 'wrong')]
    expect([known.status, known.trips]).toEqual([unknown.status, unknown.trips])
    expect(essence(known.text, app.user.name)).toBe(essence(unknown.text, 'nobody-at-all'))
    expect(known.text).toContain('role="alert"')
  })

  test('nor is one told that is locked out, deactivated, or without a password', async () => {
    const wrong = essence((await attempt('nobody-at-all', 'wrong')).text, 'nobody-at-all')
    const set = (column: string) =>
      env.DB.prepare(`update users set ${column} where entity_seq = (select seq from directory_entities where id = ?)`)
        .bind(app.user.id)
        .run()
    for (const column of ['is_active = 0', `lockout_end = ${Date.now() + 60_000}`, 'password_hash = null']) {
      await set(column)
      expect(essence((await attempt(app.user.name, PASSWORD)).text, app.user.name), column).toBe(wrong)
      await set('is_active = 1')
    }
  })

  test('is written without markup, whatever it is', async () => {
    const { text } = await attempt('"><script>alert(1)</script>', 'wrong')
    expect(text).not.toContain('<script')
    expect(text).toContain('&quot;&gt;&lt;script&gt;')
  })
})

describe('a lock-out', () => {
  test('comes after ten failures, also of many at once, and ends by the tenant’s clock', async () => {
    await Promise.all(Array.from({ length: 20 }, () => attempt(app.user.name, 'wrong')))
    expect(await signIn()).toBe(false)
    await answer(await control('POST', `/tenants/${app.partition}/clock/advance`, { milliseconds: 299_000 }))
    expect(await signIn()).toBe(false)
    await answer(await control('POST', `/tenants/${app.partition}/clock/advance`, { milliseconds: 20_000 }))
    expect(await signIn()).toBe(true)
  })

  test('does not come of many who sign in at once with the right password', async () => {
    const all = await Promise.all(Array.from({ length: 32 }, () => attempt(app.user.name, PASSWORD)))
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([302]))
  })

  test('takes the right password from who guesses many at once: it counts only if failures allow it by then', async () => {
    const { partition, user } = app
    const database = new Database(env.DB)
    const tried = { partition, userName: user.name, now: Date.now(), address: undefined, browser: undefined }
    const proven = await checkCredentials(env, database, { ...tried, password: PASSWORD })
    const others = Array.from({ length: 10 }, () => checkCredentials(env, database, { ...tried, password: 'wrong' }))
    expect(await Promise.all(others)).toEqual(Array(10).fill(undefined))
    const { writes, guard } = proven ?? expect.fail('the password is right')
    await expect(database.guardedBy(guard).batch(...writes)).rejects.toThrow(LockedOut)
  })

  test('goes by the settings of the organization', async () => {
    const set = (key: string, value: string) =>
      env.DB.prepare('insert into settings (partition_id, key, value) values (?, ?, ?)')
        .bind(app.partition, `Auth.UserLockOut.${key}`, value)
        .run()
    await set('MaxFailedAccessAttemptsBeforeLockout', '2')
    await attempt(app.user.name, 'wrong')
    expect(await signIn()).toBe(true)
    await attempt(app.user.name, 'wrong')
    await attempt(app.user.name, 'wrong')
    expect(await signIn()).toBe(false)
    await set('IsEnabled', 'false')
    await env.DB.prepare('update users set lockout_end = null').run()
    for (let count = 0; count < 4; count++) await attempt(app.user.name, 'wrong')
    expect(await signIn()).toBe(true)
  })

  test('is told by the attempts that are listed, newest first', async () => {
    await attempt(app.user.name, 'wrong')
    await signIn()
    const path = `/api/User/${app.user.id}/loginAttempts`
    const page = await answer<{ totalCount: number; results: object[] }>(
      await deployment.call('GET', path, { token: await adminOf(app.partition) }),
    )
    expect(page.totalCount).toBe(2)
    expect(page.results).toMatchObject([
      { result: 0, userId: app.user.id, userNameOrEmailAddress: app.user.name, partitionGlobalId: app.partition },
      { result: 1 },
    ])
  })
})

describe('a form of somebody else’s', () => {
  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['without the token', { token: '' }, {}],
    ['with a made-up token', { token: 'A'.repeat(22) }, {}],
    ['for another organization', { organization: crypto.randomUUID() }, {}],
    ['sent from another site', {}, { 'Sec-Fetch-Site': 'cross-site' }],
  ])('%s signs nobody in', async (_, fields, headers) => {
    const browser = newBrowser()
    const page = await browser.openPage(request)
    const all = { ...page.fields, username: app.user.name, password: PASSWORD, ...fields }
    expect((await browser.post('/identity_/web/login', all, headers)).status).not.toBe(302)
    expect([...browser.cookies.keys()].some((name) => name.startsWith('idsrv.session'))).toBe(false)
  })

  test('shown to one browser is not taken from another', async () => {
    const { fields } = await newBrowser().openPage(request)
    const other = newBrowser()
    await other.openPage(request)
    const answered = await other.post('/identity_/web/login', {
      ...fields,
      username: app.user.name,
      password: PASSWORD,
    })
    expect(answered.status).toBe(400)
  })

  test.each([
    'https://evil.example/identity_/connect/authorize/callback?x=1',
    '//evil.example/identity_/connect/authorize/callback',
    '/\\evil.example/identity_/connect/authorize/callback',
    '/identity_/connect/authorize/callback/../../../../evil',
    '/identity_/api/Setting',
    'javascript:alert(1)',
    '',
  ])('that leads to %s is not shown', async (returnUrl) => {
    const response = await newBrowser().get(`/identity_/web/login?returnUrl=${encodeURIComponent(returnUrl)}`)
    expect(response.status).toBe(400)
    expect(response.headers.get('Location')).toBeNull()
  })

  test('that leads to an address that is not the client’s ends on the error page', async () => {
    const back = `/identity_/connect/authorize/callback?${new URLSearchParams({ ...request, redirect_uri: 'https://evil.example' })}`
    const response = await newBrowser().get(`/identity_/web/login?returnUrl=${encodeURIComponent(back)}`)
    expect(response.headers.get('Location')).toContain('/identity_/web/?errorCode=invalid_request')
  })
})

test('a page cannot be framed, runs no script, and its form leads to this server and the client alone', async () => {
  const { response } = await newBrowser().openPage(request)
  const policy = response.headers.get('Content-Security-Policy') ?? ''
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    expect.stringMatching(/^style-src 'nonce-[\w-]+'$/),
    "form-action 'self' https://app.example",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ])
  expect(response.headers.get('X-Frame-Options')).toBe('DENY')
})

describe('a session', () => {
  const authorize = (browser: Browser, asked: Record<string, string>) =>
    browser.get(`/identity_/connect/authorize?${new URLSearchParams(asked)}`)

  test('is in a cookie that no script reads; on https under a name that no other host can set', async () => {
    const browser = newBrowser()
    const { fields } = await browser.openPage(request)
    const answered = await browser.post('/identity_/web/login', {
      ...fields,
      username: app.user.name,
      password: PASSWORD,
    })
    const [cookie = ''] = answered.headers.getSetCookie()
    expect(cookie).toMatch(/^idsrv\.session\.[0-9A-F]{12}=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax$/)
    const secure = ORIGIN.replace('http:', 'https:')
    const page = await deployment.fetch(
      new Request(`${secure}/identity_/web/login?returnUrl=${encodeURIComponent(fields['returnUrl'] ?? '')}`),
      // @ts-expect-error the page needs no context
      { waitUntil() {} },
    )
    expect(page.headers.getSetCookie()[0]).toMatch(
      /^__Host-idsrv\.form=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    )
  })

  test('of one partition never answers for another', async () => {
    const browser = newBrowser()
    await browser.signIn(request, app.user.name, PASSWORD)
    const other = await createApp()
    expect((await authorize(browser, await requestOf(other))).headers.get('Location')).toContain('/web/login?')
    const host = await createApp({ partition: HOST_PARTITION })
    const asked = await requestOf({ ...host, partition: HOST_PARTITION })
    const elsewhere = { ...asked, acr_values: `tenant:${await createPartition()}` }
    expect((await authorize(browser, elsewhere)).headers.get('Location')).toContain('/web/login?')
    expect((await authorize(browser, asked)).headers.get('Location')).toContain(`${REDIRECT_URI}?code=`)
  })

  test('is none with anything changed in its cookie', async () => {
    const browser = newBrowser()
    await browser.signIn(request, app.user.name, PASSWORD)
    const [name = ''] = [...browser.cookies.keys()].filter((one) => one.startsWith('idsrv.session'))
    const value = browser.cookies.get(name) ?? ''
    const content = btoa(JSON.stringify(['A'.repeat(32), app.partition, app.user.id])).replace(/=+$/, '')
    for (const forged of [`A${value.slice(1)}`, value.split('.')[0] ?? '', `${content}.${value.split('.')[1]}`]) {
      browser.cookies.set(name, forged)
      deployment.takeTrips()
      expect((await authorize(browser, request)).headers.get('Location')).toContain('/web/login?')
    }
  })

  test('ends for a user who is deactivated, and by the tenant’s clock', async () => {
    const browser = newBrowser()
    await browser.signIn(request, app.user.name, PASSWORD)
    await env.DB.prepare(
      'update users set is_active = 0 where entity_seq = (select seq from directory_entities where id = ?)',
    )
      .bind(app.user.id)
      .run()
    expect((await authorize(browser, request)).headers.get('Location')).toContain('/web/login?')
    await env.DB.prepare('update users set is_active = 1').run()
    expect((await authorize(browser, request)).headers.get('Location')).toContain('?code=')
    expect((await authorize(browser, { ...request, max_age: '600' })).headers.get('Location')).toContain('?code=')
    await answer(await control('POST', `/tenants/${app.partition}/clock/advance`, { milliseconds: 3_600_000 }))
    expect((await authorize(browser, { ...request, max_age: '600' })).headers.get('Location')).toContain('/web/login?')
    await answer(await control('POST', `/tenants/${app.partition}/clock/advance`, { milliseconds: 36_000_000 }))
    expect((await authorize(browser, request)).headers.get('Location')).toContain('/web/login?')
  })
})

describe('without a password', () => {
  const hinted = () => ({ ...request, login_hint: app.user.name })

  test('nobody gets a code of a deployed tenant that did not ask for it', async () => {
    const browser = newBrowser()
    const { url, fields } = await browser.openPage(hinted())
    expect(await (await browser.get(url)).text()).not.toContain('Or pick a user')
    expect(fields).not.toHaveProperty('user')
    const picked = await browser.post('/identity_/web/login', { ...fields, user: app.user.id })
    expect(picked.status).toBe(400)
    await answer(await control('PUT', `/tenants/${app.partition}/sign-in`, { user: app.user.id }), 409)
  })

  test('whoever made a tenant for it signs in by hint, by pick or by what is set, each time in its journal', async () => {
    const tenant = await deployment.create({ passwordless: true })
    const id = crypto.randomUUID()
    const client = { id, secret: '', partition: tenant.id, scopes: ['PM.User'], hostAdmin: false }
    const more = { grantTypes: ['authorization_code'], redirectUris: [REDIRECT_URI] }
    await new Database(env.DB).batch(await plantClient({ ...client, ...more }))
    const asked = { ...request, client_id: id, scope: 'PM.User' }
    const isSent = async (response: Response) =>
      expect(response.headers.get('Location')).toMatch(/^https:\/\/app\.example\/callback\?code=/)
    const ask = (all: Record<string, string>) =>
      newBrowser().get(`/identity_/connect/authorize?${new URLSearchParams(all)}`)
    await isSent(await ask({ ...asked, login_hint: 'ada@tenant.example', prompt: 'none' }))
    const browser = newBrowser()
    const { fields } = await browser.openPage(asked)
    const [, ben] = tenant.users
    const picked = await browser.post('/identity_/web/login', { ...fields, user: ben?.id ?? '' })
    await isSent(await browser.get(picked.headers.get('Location') ?? ''))
    await answer(await control('PUT', `/tenants/${tenant.id}/sign-in`, { user: 'uma' }))
    await isSent(await ask(asked))
    const journal = await answer<{ results: { operation: string; principal: object }[] }>(
      await control('GET', `/tenants/${tenant.id}/journal`),
    )
    const users = tenant.users.map((user) => user.id)
    expect(journal.results.map(({ operation, principal }) => [operation, principal])).toEqual([
      ['Connect_Authorize', { clientId: id, userId: users[0] }],
      ['Web_SignIn', { clientId: id, userId: users[1] }],
      ['Connect_Authorize', { clientId: id, userId: users[2] }],
    ])
  })
})

test('faults reach authorize and the token endpoint, and use no code up', async () => {
  const browser = newBrowser()
  const to = await browser.signIn(request, app.user.name, PASSWORD)
  const arm = (operation: string) =>
    control('POST', `/tenants/${app.partition}/faults`, { operation, status: 503, times: 1 })
  await answer(await arm('Connect_Authorize'), 201)
  expect((await browser.get(`/identity_/connect/authorize?${new URLSearchParams(request)}`)).status).toBe(503)
  await answer(await arm('Token_Issue'), 201)
  const fields = { grant_type: 'authorization_code', client_id: app.client.id, redirect_uri: REDIRECT_URI }
  const redeem = () =>
    browser.post('/identity_/connect/token', {
      ...fields,
      code: to.searchParams.get('code') ?? '',
      code_verifier: 'a-verifier-of-forty-three-characters-or-more',
    })
  expect((await redeem()).status).toBe(503)
  expect((await redeem()).status).toBe(200)
})
