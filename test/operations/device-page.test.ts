// /device: a user who is signed in answers for a device.
import { describe, expect, test } from 'vitest'
import { isolate } from '../support/control.ts'
import { Browser, createApp, requestOf, setPassword } from '../support/sign-in.ts'
import { answer, ORIGIN } from '../support/tenant.ts'

const PASSWORD = 'Correct horse 1'
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'
const { send } = isolate('deployed', { LOCAL: '' })

const app = await createApp({ grantTypes: ['authorization_code', DEVICE_CODE], name: 'A <b>television</b>' })
await setPassword(app.user.id, PASSWORD)

const begin = async () =>
  answer<{ device_code: string; user_code: string; verification_uri_complete: string }>(
    await new Browser(send).post('/identity_/connect/deviceauthorization', {
      client_id: app.client.id,
      scope: 'PM.User',
    }),
  )
const poll = async (device_code: string) => {
  const fields = { grant_type: DEVICE_CODE, client_id: app.client.id, device_code }
  const body = await (await new Browser(send).post('/identity_/connect/token', fields)).json<{ error?: string }>()
  return body.error ?? 'tokens'
}

async function signedIn(): Promise<Browser> {
  const browser = new Browser(send)
  await browser.signIn(await requestOf(app), app.user.name, PASSWORD)
  return browser
}

const tokenIn = (text: string) => /name="token" value="([^"]+)"/.exec(text)?.[1] ?? ''
const PATH = '/identity_/device'

/** Types a code in, as the page has it. */
async function enter(browser: Browser, userCode: string) {
  const token = tokenIn(await (await browser.get(PATH)).text())
  const response = await browser.post(PATH, { token, userCode })
  return { response, text: await response.clone().text() }
}

describe('a user', () => {
  test('who is not signed in signs in first, and comes back with the code', async () => {
    const browser = new Browser(send)
    const { user_code, verification_uri_complete } = await begin()
    const away = await browser.get(verification_uri_complete)
    const login = new URL(away.headers.get('Location') ?? '')
    expect([away.status, login.pathname]).toEqual([302, '/identity_/web/login'])
    expect(login.searchParams.get('returnUrl')).toBe(`/identity_/device?userCode=${user_code}`)
    expect(await (await browser.get(login.href)).text()).toContain('Organization')
  })

  test('sees what wants access, escaped, and allows it', async () => {
    const browser = await signedIn()
    const { device_code, user_code, verification_uri_complete } = await begin()
    const page = await (await browser.get(verification_uri_complete)).text()
    expect(page).toContain(`value="${user_code}"`)
    const { text } = await enter(browser, ` ${user_code.slice(0, 3)}-${user_code.slice(3)} `)
    expect(text).toContain('A &lt;b&gt;television&lt;/b&gt;')
    expect(text).toContain('PM.User')
    const [, typed = ''] = /name="userCode" value="([^"]+)"/.exec(text) ?? []
    const done = await browser.post(PATH, { token: tokenIn(text), userCode: typed, decision: 'allow' })
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('The device is signed in')])
    expect(await poll(device_code)).toBe('tokens')
  })

  test('refuses it', async () => {
    const browser = await signedIn()
    const { device_code, user_code } = await begin()
    const { text } = await enter(browser, user_code)
    await browser.post(PATH, { token: tokenIn(text), userCode: user_code, decision: 'deny' })
    expect(await poll(device_code)).toBe('access_denied')
  })

  test('has five tries at a code, and then none at a right one', async () => {
    const browser = await signedIn()
    for (const tries of [1, 2, 3, 4]) {
      const { response, text } = await enter(browser, '111111111')
      expect([tries, response.status, text]).toEqual([tries, 400, expect.stringContaining('No device waits')])
    }
    expect((await enter(browser, 'abc')).response.status).toBe(429)
    const { device_code, user_code } = await begin()
    expect((await enter(browser, user_code)).response.status).toBe(429)
    expect((await enter(await signedIn(), user_code)).text).toContain('Is this your device?')
    expect(await poll(device_code)).toBe('authorization_pending')
  })
})

describe('nobody else', () => {
  test.each<[string, (token: string) => Record<string, string>, Record<string, string>]>([
    ['without the form’s token', () => ({ token: '' }), {}],
    ['with the token of the form before', (token) => ({ token }), {}],
    ['from a page of another site', (token) => ({ token }), { 'Sec-Fetch-Site': 'cross-site' }],
  ])('answers for the user %s', async (_, change, headers) => {
    const browser = await signedIn()
    const { device_code, user_code } = await begin()
    const token = tokenIn(await (await browser.get(PATH)).text())
    const answered = await browser.post(PATH, { userCode: user_code, decision: 'allow', ...change(token) }, headers)
    expect([answered.status, await answered.text()]).toEqual([400, expect.stringContaining('open too long')])
    expect(await poll(device_code)).toBe('authorization_pending')
  })

  test('allows one code with the form of another', async () => {
    const browser = await signedIn()
    const [one, other] = [await begin(), await begin()]
    const { text } = await enter(browser, one.user_code)
    const fields = { token: tokenIn(text), userCode: other.user_code, decision: 'allow' }
    expect((await browser.post(PATH, fields)).status).toBe(400)
    expect(await poll(other.device_code)).toBe('authorization_pending')
  })

  test('can frame the page, or have it run a script', async () => {
    const page = await (await signedIn()).get(`${PATH}?userCode="><script>alert(1)</script>`)
    expect(page.headers.get('Content-Security-Policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/)
    expect(await page.text()).not.toContain('<script')
  })

  test('signs in with a session that is over', async () => {
    const browser = await signedIn()
    const cookies = new Map(browser.cookies)
    const page = await (await browser.get('/identity_/web/logout')).text()
    const { user_code } = await begin()
    const code = tokenIn(await (await browser.get(PATH)).text())
    await browser.post('/identity_/web/logout', { token: tokenIn(page) })
    for (const [name, value] of cookies) browser.cookies.set(name, value)
    const away = await browser.post(PATH, { token: code, userCode: user_code })
    expect(away.headers.get('Location')).toContain(`${ORIGIN}/identity_/web/login?`)
  })
})
