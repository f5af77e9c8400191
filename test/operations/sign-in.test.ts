// The way of a user: authorize, the sign-in page, and back to the client with a code.
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { isolate } from '../support/control.ts'
import { type App, Browser, createApp, REDIRECT_URI, requestOf, setPassword, VERIFIER } from '../support/sign-in.ts'
import { answer, ISSUER, ORIGIN } from '../support/tenant.ts'

const PASSWORD = 'Correct horse 1'

/** A deployment, where nobody signs in without a password. */
const deployment = isolate('deployed', { LOCAL: '' })
const { send } = deployment
const newBrowser = () => new Browser(send)

async function createAppWithPassword(): Promise<App> {
  const app = await createApp()
  await setPassword(app.user.id, PASSWORD)
  return app
}

const app = await createAppWithPassword()
const request = await requestOf(app)

const authorize = (browser: Browser, more: Record<string, string>) =>
  browser.get(`/identity_/connect/authorize?${new URLSearchParams({ ...request, ...more })}`)

async function redeem(code: string, { client }: App = app) {
  const fields = { grant_type: 'authorization_code', client_id: client.id, code, redirect_uri: REDIRECT_URI }
  const response = await newBrowser().post('/identity_/connect/token', { ...fields, code_verifier: VERIFIER })
  return answer<{ access_token: string; id_token: string }>(response)
}

describe('a user who signs in', () => {
  test('is sent to the page, and back to the client with a code, its state and the issuer, in this order', async () => {
    const browser = newBrowser()
    const first = await authorize(browser, {})
    expect(first.status).toBe(302)
    expect(first.headers.get('Cache-Control')).toBe('no-store, no-cache, max-age=0')
    expect(first.headers.get('Pragma')).toBe('no-cache')
    const login = new URL(first.headers.get('Location') ?? '')
    expect(login.pathname).toBe('/identity_/web/login')
    const back = new URL(login.searchParams.get('returnUrl') ?? '', ORIGIN)
    expect(back.pathname).toBe('/identity_/connect/authorize/callback')
    expect(back.searchParams.get('acr_values')).toBe(`tenant:${app.partition}`)
    const to = await browser.signIn(request, app.user.name, PASSWORD)
    expect(`${to.origin}${to.pathname}`).toBe(REDIRECT_URI)
    expect([...to.searchParams.keys()]).toEqual(['code', 'state', 'session_state', 'iss'])
    expect(to.searchParams.get('code')).toMatch(/^[0-9A-F]{64}-1$/)
    expect([to.searchParams.get('state'), to.searchParams.get('iss')]).toEqual(['a state', ISSUER])
    const { access_token, id_token } = await redeem(to.searchParams.get('code') ?? '')
    expect(decodeJwt(access_token)).toMatchObject({ sub: app.user.id, prt_id: app.partition, amr: ['pwd'] })
    expect(decodeJwt(id_token)).toMatchObject({ aud: app.client.id, sid: expect.stringMatching(/^[0-9A-F]{32}$/) })
  })

  test('may give the email address, in any case', async () => {
    const to = await newBrowser().signIn(request, app.user.email.toUpperCase(), PASSWORD)
    expect(to.searchParams.get('code')).toBeTruthy()
  })

  test('is not asked again, in one round trip, until the client wants it', async () => {
    const browser = newBrowser()
    await browser.signIn(request, app.user.name, PASSWORD)
    deployment.takeTrips()
    const again = await authorize(browser, {})
    expect(deployment.takeTrips()).toHaveLength(1)
    expect(again.headers.get('Location')).toContain(`${REDIRECT_URI}?code=`)
    expect((await authorize(browser, { prompt: 'none' })).headers.get('Location')).toContain('?code=')
    for (const more of [{ prompt: 'login' }, { prompt: 'select_account' }]) {
      const location = (await authorize(browser, more)).headers.get('Location') ?? ''
      expect(location).toContain('/web/login?')
      expect(location).not.toContain('prompt')
    }
  })

  test('takes two round trips for the password', async () => {
    const browser = newBrowser()
    const { fields } = await browser.openPage(request)
    deployment.takeTrips()
    await browser.post('/identity_/web/login', { ...fields, username: app.user.name, password: PASSWORD })
    expect(deployment.takeTrips()).toHaveLength(2)
  })

  test('gets another session each time, so that nobody can know it before', async () => {
    const browser = newBrowser()
    const sid = async () => {
      const to = await browser.signIn({ ...request, prompt: 'login' }, app.user.name, PASSWORD)
      return decodeJwt((await redeem(to.searchParams.get('code') ?? '')).id_token)['sid']
    }
    const [first, second] = [await sid(), await sid()]
    expect(first).not.toBe(second)
  })

  test('is told of login_required where the client wants no page', async () => {
    const location = (await authorize(newBrowser(), { prompt: 'none' })).headers.get('Location')
    expect(location).toBe(`${REDIRECT_URI}?error=login_required&state=a%20state&iss=${encodeURIComponent(ISSUER)}#_`)
  })

  test('names the organization where nothing else does', async () => {
    const host = await createApp({ partition: HOST_PARTITION })
    const browser = newBrowser()
    const asked = await requestOf({ ...host, partition: HOST_PARTITION })
    const { response, url } = await browser.openPage(asked)
    expect(response.status).toBe(200)
    const named = await browser.get(`${url}&organization=org-${app.partition}`)
    expect(await named.text()).toContain(`Sign in to org-${app.partition}`)
    expect(await (await browser.get(`${url}&organization=nobody`)).text()).toContain('There is no organization')
    const to = await browser.signIn(
      { ...asked, acr_values: `tenantName:org-${app.partition}` },
      app.user.name,
      PASSWORD,
    )
    expect(decodeJwt((await redeem(to.searchParams.get('code') ?? '', host)).access_token)['prt_id']).toBe(
      app.partition,
    )
  })
})

test('smoke', async () => {
  const { response } = await newBrowser().openPage(request)
  expect(response.headers.get('Content-Security-Policy')).toContain("form-action 'self' https://app.example")
})
