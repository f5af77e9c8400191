// GET and POST /connect/authorize: what it refuses, in which order, and what it tells whom.
import { base64url } from 'jose'
import { describe, expect, test } from 'vitest'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { isolate } from '../support/control.ts'
import { Browser, createApp, REDIRECT_URI, requestOf } from '../support/sign-in.ts'
import { call, createPartition, ORIGIN } from '../support/tenant.ts'

const { send } = isolate('deployed', { LOCAL: '' })
const app = await createApp()
const request = await requestOf(app)

const ask = (more: Record<string, string> = {}) => {
  const fields = Object.entries({ ...request, ...more }).filter(([, value]) => value !== '')
  return new Browser(send).get(`/identity_/connect/authorize?${new URLSearchParams(fields)}`)
}

/** What the error page is told. */
async function refusalOf(response: Response) {
  const url = new URL(response.headers.get('Location') ?? '')
  expect([response.status, url.origin, url.pathname]).toEqual([302, ORIGIN, '/identity_/web/'])
  const text = new TextDecoder().decode(base64url.decode(url.searchParams.get('errorId') ?? ''))
  const { Data } = JSON.parse(text)
  expect(url.searchParams.get('errorCode')).toBe(Data.Error)
  expect(text).toMatch(/^\{"Created":6\d{17},"Data":\{"DisplayMode":null,"UiLocales":null,"Error":/)
  return Data
}

const LONG = 'x'.repeat(401)

/** In the order in which they are checked: of each is said what is wrong, and nothing of those below it. */
const CHECKS: readonly [wrong: string, parameters: Record<string, string>, error: string, description: string][] = [
  ['ui_locales too long', { ui_locales: LONG }, 'invalid_request', 'Invalid ui_locales'],
  ['client_id missing', { client_id: '' }, 'invalid_request', 'Invalid client_id'],
  ['client_id too long', { client_id: LONG }, 'invalid_request', 'Invalid client_id'],
  ['client unknown', { client_id: 'nobody' }, 'unauthorized_client', 'Unknown client or client not enabled'],
  ['redirect_uri missing', { redirect_uri: '' }, 'invalid_request', 'Invalid redirect_uri'],
  ['redirect_uri not absolute', { redirect_uri: '/callback' }, 'invalid_request', 'Invalid redirect_uri'],
  ['redirect_uri not registered', { redirect_uri: `${REDIRECT_URI}/` }, 'invalid_request', 'Invalid redirect_uri'],
  ['response_type missing', { response_type: '' }, 'invalid_request', 'Missing response_type'],
  ['response_type unknown', { response_type: 'codes' }, 'unsupported_response_type', 'Response type not supported'],
  ['code_challenge missing', { code_challenge: '' }, 'invalid_request', 'code challenge required'],
  ['code_challenge too short', { code_challenge: 'x'.repeat(42) }, 'invalid_request', 'Invalid code_challenge'],
  ['code_challenge too long', { code_challenge: 'x'.repeat(129) }, 'invalid_request', 'Invalid code_challenge'],
  ['method left out', { code_challenge_method: '' }, 'invalid_request', 'Transform algorithm not supported'],
  ['method plain', { code_challenge_method: 'plain' }, 'invalid_request', 'Transform algorithm not supported'],
  ['response_mode unknown', { response_mode: 'cookie' }, 'unsupported_response_type', 'Invalid response_mode'],
  ['flow not allowed', { response_type: 'token' }, 'unauthorized_client', 'Invalid grant type for client'],
  ['scope missing', { scope: '' }, 'invalid_request', 'Invalid scope'],
  ['scope unknown', { scope: 'openid PM.Nothing' }, 'invalid_scope', 'Invalid scope'],
  ['scope not the client’s', { scope: 'openid PM.Setting' }, 'invalid_scope', 'Invalid scope'],
  [
    'profile without openid',
    { scope: 'profile' },
    'invalid_scope',
    'Identity scopes requested, but openid scope is missing',
  ],
  ['nonce too long', { nonce: LONG }, 'invalid_request', 'Invalid nonce'],
  ['prompt unknown', { prompt: 'often' }, 'invalid_request', 'Unsupported prompt mode'],
  ['prompt none and another', { prompt: 'none login' }, 'invalid_request', 'Invalid prompt'],
  ['max_age no number', { max_age: 'long' }, 'invalid_request', 'Invalid max_age'],
  ['max_age negative', { max_age: '-1' }, 'invalid_request', 'Invalid max_age'],
  ['login_hint too long', { login_hint: LONG }, 'invalid_request', 'Invalid login_hint'],
  ['acr_values too long', { acr_values: LONG }, 'invalid_request', 'Invalid acr_values'],
]

describe('a request with', () => {
  test.each(CHECKS)('%s is refused on the error page', async (_, parameters, error, description) => {
    const data = await refusalOf(await ask(parameters))
    expect(data).toMatchObject({ Error: error, ErrorDescription: description })
  })

  test.each(CHECKS.slice(0, -1).map(([wrong, parameters], at) => [wrong, parameters, at] as const))(
    '%s is told of that before of what is checked later',
    async (_, parameters, at) => {
      const first = await refusalOf(await ask(parameters))
      for (const [, later] of CHECKS.slice(at + 1).filter(([, more]) => !sharesName(more, parameters))) {
        expect((await refusalOf(await ask({ ...later, ...parameters }))).ErrorDescription).toBe(first.ErrorDescription)
      }
    },
  )

  test('an address that is known is told of in the envelope, one that is not is left out', async () => {
    expect(await refusalOf(await ask({ scope: 'nothing' }))).toMatchObject({
      RedirectUri: REDIRECT_URI,
      ResponseMode: 'query',
      ClientId: app.client.id,
    })
    const evil = await refusalOf(await ask({ redirect_uri: 'https://evil.example/' }))
    expect(evil).toMatchObject({ RedirectUri: null, ResponseMode: null, ClientId: app.client.id })
  })

  test('the organization of another partition than the client’s is refused', async () => {
    const other = await createPartition()
    expect(await refusalOf(await ask({ acr_values: `tenant:${other}` }))).toMatchObject({
      ErrorDescription: 'Invalid acr_values',
    })
  })

  test('names in any case, twice the same, and as a form', async () => {
    const upper = Object.fromEntries(Object.entries(request).map(([name, value]) => [name.toUpperCase(), value]))
    const answered = await new Browser(send).post('/identity_/connect/authorize', upper)
    expect(answered.headers.get('Location')).toContain('/web/login?')
    const twice = `${new URLSearchParams(request)}&redirect_uri=${encodeURIComponent(REDIRECT_URI)}`
    await refusalOf(await new Browser(send).get(`/identity_/connect/authorize?${twice}`))
  })

  test('another method is 405, and what is no form 415', async () => {
    expect((await call('PUT', '/connect/authorize')).status).toBe(405)
    expect((await call('POST', '/connect/authorize', { json: request })).status).toBe(415)
  })
})

/** Values that stand in each other's way: of one parameter, or whose flow does without. */
const sharesName = (one: Record<string, string>, other: Record<string, string>) =>
  Object.keys(one).some((name) => name in other) || [one, other].some(({ response_type }) => response_type === 'token')

describe('an address that is almost the client’s', () => {
  test.each([
    'https://app.example/callback/',
    'https://app.example/callback?x=1',
    'https://app.example/callback#x',
    'https://app.example/CALLBACK',
    'HTTPS://app.example/callback',
    'https://app.example:443/callback',
    'https://app.example/%63allback',
    'https://app.example/x/../callback',
    'https://app.example/callback%00',
    'https://app.example.evil.example/callback',
    'https://app.example@evil.example/callback',
    'https://evil.example/callback?https://app.example/callback',
    'https://evil.example#https://app.example/callback',
    'https://app.example/callback ',
    ' https://app.example/callback',
    '//app.example/callback',
    'http://app.example/callback',
    'javascript:alert(1)//https://app.example/callback',
  ])('%s is none', async (redirect_uri) => {
    const data = await refusalOf(await ask({ redirect_uri }))
    expect(data).toMatchObject({ ErrorDescription: 'Invalid redirect_uri', RedirectUri: null })
  })
})

describe('the organization look-up', () => {
  const portal = async (organization: string) => {
    const client = await createApp({
      partition: HOST_PARTITION,
      redirectUris: ['/portal_/api/tokenFactory/callback'],
    })
    return ask({
      client_id: client.client.id,
      redirect_uri: `${ORIGIN}/portal_/api/tokenFactory/callback`,
      scope: 'openid',
      code_challenge: 'a'.repeat(64),
      acr_values: `tenantName:${organization}`,
    })
  }

  test('answers the id in the address that the sign-in page goes back to', async () => {
    const url = new URL((await portal(`org-${app.partition}`)).headers.get('Location') ?? '')
    expect(url.searchParams.get('returnUrl')).toContain(encodeURIComponent(`tenant:${app.partition}`))
  })

  test('sends an unknown organization to the portal', async () => {
    const url = new URL((await portal('nobody')).headers.get('Location') ?? '')
    expect(url.pathname).toBe('/portal_/unregistered')
    expect(await (await call('GET', url.pathname + url.search)).text()).toContain('<strong>nobody</strong>')
  })
})
