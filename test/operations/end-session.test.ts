// /connect/endsession and the page on which a user signs out.
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { isolate } from '../support/control.ts'
import { type App, Browser, createApp, REDIRECT_URI, requestOf, setPassword, VERIFIER } from '../support/sign-in.ts'
import { answer, mint, ORIGIN } from '../support/tenant.ts'

const PASSWORD = 'Correct horse 1'
const deployment = isolate('deployed', { LOCAL: '' })
const { send } = deployment

interface Tokens {
  id_token: string
  access_token: string
  refresh_token: string
}

const app = await createApp()
await setPassword(app.user.id, PASSWORD)
const scope = 'openid PM.User offline_access'

async function signIn(browser: Browser, { client, user }: App = app): Promise<Tokens> {
  const to = await browser.signIn(await requestOf(app, { scope, client_id: client.id }), user.name, PASSWORD)
  const fields = { grant_type: 'authorization_code', client_id: client.id, code: to.searchParams.get('code') ?? '' }
  const json = { ...fields, redirect_uri: REDIRECT_URI, code_verifier: VERIFIER }
  return answer<Tokens>(await new Browser(send).post('/identity_/connect/token', json))
}

const isSignedIn = async (browser: Browser) => {
  const asked = await browser.get(
    `/identity_/connect/authorize?${new URLSearchParams(await requestOf(app, { prompt: 'none' }))}`,
  )
  return new URL(asked.headers.get('Location') ?? '').searchParams.has('code')
}
const refresh = ({ refresh_token }: Tokens) =>
  new Browser(send).post('/identity_/connect/token', {
    grant_type: 'refresh_token',
    client_id: app.client.id,
    refresh_token,
  })
const leave = (browser: Browser, fields: Record<string, string>) =>
  browser.get(`/identity_/connect/endsession?${new URLSearchParams(fields)}`)
const locationOf = (response: Response) => {
  expect(response.status).toBe(302)
  return response.headers.get('Location')
}
const SIGNED_OUT = `${ORIGIN}/identity_/web/signedout`

describe('with a hint', () => {
  test('the session and its refresh tokens end, and the state comes back; access tokens hold', async () => {
    const browser = new Browser(send)
    const tokens = await signIn(browser)
    const other = await signIn(new Browser(send))
    deployment.takeTrips()
    const uri = { post_logout_redirect_uri: REDIRECT_URI, state: 'a b&c' }
    const left = await leave(browser, { id_token_hint: tokens.id_token, ...uri })
    expect(deployment.takeTrips()).toHaveLength(1)
    expect(locationOf(left)).toBe(`${REDIRECT_URI}?state=a%20b%26c`)
    expect(left.headers.get('Set-Cookie')).toMatch(/^idsrv\.session[^=]*=; .*Max-Age=0/)
    expect(await isSignedIn(browser)).toBe(false)
    expect(await answer(await refresh(tokens), 400)).toEqual({ error: 'invalid_grant' })
    await answer(await refresh(other))
    const info = await send('GET', '/identity_/connect/userinfo', { token: tokens.access_token })
    expect(info.status).toBe(200)
  })

  test('a form does as well', async () => {
    const browser = new Browser(send)
    const { id_token } = await signIn(browser)
    const fields = { ID_TOKEN_HINT: id_token, Post_Logout_Redirect_Uri: REDIRECT_URI }
    expect(locationOf(await browser.post('/identity_/connect/endsession', fields))).toBe(REDIRECT_URI)
    const json = await browser.post('/identity_/connect/endsession', {}, { 'Content-Type': 'application/json' })
    expect(json.status).toBe(415)
  })

  test('that has expired does as well', async () => {
    const browser = new Browser(send)
    const { iat: _, exp: __, ...claims } = decodeJwt((await signIn(browser)).id_token)
    const old = await mint({ ...claims, iat: 1_600_000_000, nbf: 1_600_000_000, exp: 1_600_000_300 }, { typ: 'JWT' })
    expect(locationOf(await leave(browser, { id_token_hint: old }))).toBe(SIGNED_OUT)
    expect(await isSignedIn(browser)).toBe(false)
  })

  test.each([
    `${REDIRECT_URI}/`,
    `${REDIRECT_URI}?x`,
    `${REDIRECT_URI}#x`,
    REDIRECT_URI.toUpperCase(),
    'https://app.example',
    'https://app.example.evil.example/callback',
    'https://user@app.example/callback',
    '//app.example/callback',
    'javascript:alert(1)',
    '',
  ])('the user is sent to no address that is not exactly the client’s: %s', async (uri) => {
    const browser = new Browser(send)
    const { id_token } = await signIn(browser)
    const left = await leave(browser, { id_token_hint: id_token, post_logout_redirect_uri: uri, state: 's' })
    expect(locationOf(left)).toBe(SIGNED_OUT)
    expect(await isSignedIn(browser)).toBe(false)
  })

  test.each<[string, () => Promise<string>]>([
    ['an access token', async () => (await signIn(new Browser(send))).access_token],
    ['one that is none', async () => 'abc'],
    ['one without a signature', async () => (await signIn(new Browser(send))).id_token.replace(/\.[^.]+$/, '.')],
    ['that of another user', async () => (await signIn(new Browser(send), await anotherUser())).id_token],
  ])('%s is no hint: the user is asked', async (_, hint) => {
    const browser = new Browser(send)
    await signIn(browser)
    const left = await leave(browser, { id_token_hint: await hint(), post_logout_redirect_uri: REDIRECT_URI })
    expect(locationOf(left)).toBe(`${ORIGIN}/identity_/web/logout`)
    expect(await isSignedIn(browser)).toBe(true)
  })

  async function anotherUser(): Promise<App> {
    const other = await createApp({ redirectUris: [REDIRECT_URI] })
    await setPassword(other.user.id, PASSWORD)
    const request = await requestOf(other, { scope })
    expect(request['client_id']).toBe(other.client.id)
    return other
  }
})

describe('without a hint', () => {
  test('the user is asked, and signed out when it says so', async () => {
    const browser = new Browser(send)
    const tokens = await signIn(browser)
    const asked = locationOf(await leave(browser, { client_id: app.client.id, post_logout_redirect_uri: REDIRECT_URI }))
    const page = await browser.get(asked ?? '')
    const text = await page.text()
    expect(text).toContain('Do you want to sign out?')
    expect(page.headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'")
    const [, token = ''] = /name="token" value="([^"]+)"/.exec(text) ?? []
    for (const forged of ['', 'x', 'A'.repeat(22)]) {
      expect((await browser.post('/identity_/web/logout', { token: forged })).status).toBe(200)
    }
    expect((await browser.post('/identity_/web/logout', { token }, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(
      200,
    )
    expect(await isSignedIn(browser)).toBe(true)
    expect(locationOf(await browser.post('/identity_/web/logout', { token }))).toBe(SIGNED_OUT)
    expect(await isSignedIn(browser)).toBe(false)
    expect((await refresh(tokens)).status).toBe(400)
    expect(await (await browser.get(SIGNED_OUT)).text()).toContain('You are signed out')
  })

  test('who is not signed in is told so', async () => {
    for (const path of ['/identity_/connect/endsession', '/identity_/web/logout']) {
      expect(locationOf(await new Browser(send).get(path))).toBe(SIGNED_OUT)
    }
    expect(locationOf(await new Browser(send).post('/identity_/web/logout', { token: 'x' }))).toBe(SIGNED_OUT)
  })

  test.each(['PUT', 'PATCH', 'DELETE'])('405 for %s', async (method) => {
    await answer(await send(method, '/identity_/connect/endsession'), 405)
  })
})
