// The libraries that others sign users in with, unchanged, against a server of its own.
import * as oauth from 'oauth4webapi'
import * as oidc from 'openid-client'
import { afterAll, describe, expect, it } from 'vitest'
import { startTestTenant } from '../../src/node/library/start-test-tenant.ts'
import { repository } from '../../src/node/local/repository.ts'
import { Browser } from './browser.ts'

const REDIRECT = 'http://localhost:3999/callback'
const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'
const SCOPE = 'openid profile email PM.User offline_access'
const [web, spa] = [{ id: 'web', secret: 'the-secret-of-web' }, { id: 'spa' }]

const tenant = await startTestTenant(repository, {
  seed: {
    users: [{ id: 'ada', userName: 'ada', email: 'ada@org.example', name: 'Ada', password: 'Correct horse 1' }],
    clients: [
      { ...web, redirectUris: [REDIRECT], grantTypes: ['authorization_code', 'client_credentials', DEVICE_CODE] },
      { ...spa, public: true, redirectUris: [REDIRECT], grantTypes: ['authorization_code', DEVICE_CODE] },
    ],
  },
})
afterAll(() => tenant.stop())

const issuer = new URL('/identity_', tenant.url)
const browser = () => new Browser({ user: 'ada', password: 'Correct horse 1' })

describe('openid-client', () => {
  const execute = [oidc.allowInsecureRequests]
  const discover = (client: { id: string; secret?: string }) =>
    client.secret === undefined
      ? oidc.discovery(issuer, client.id, undefined, oidc.None(), { execute })
      : oidc.discovery(issuer, client.id, client.secret, undefined, { execute })

  async function signIn(config: oidc.Configuration, by: Browser) {
    const [pkceCodeVerifier, expectedState, expectedNonce] = [
      oidc.randomPKCECodeVerifier(),
      oidc.randomState(),
      oidc.randomNonce(),
    ]
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT,
      scope: SCOPE,
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
    })
    const back = await by.visit(url.href, REDIRECT)
    return oidc.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState, expectedNonce })
  }

  it.each([web, spa])('signs a user in to $id, refreshes, reads, revokes and signs out', async (client) => {
    const [config, by] = [await discover(client), browser()]
    const tokens = await signIn(config, by)
    expect(tokens.claims()).toMatchObject({ sub: 'ada', aud: client.id, name: expect.stringContaining('Ada') })
    expect(await oidc.fetchUserInfo(config, tokens.access_token, 'ada')).toMatchObject({ email: 'ada@org.example' })
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '')
    expect(await oidc.tokenIntrospection(config, refreshed.access_token)).toMatchObject({ active: true, sub: 'ada' })
    await oidc.tokenRevocation(config, refreshed.refresh_token ?? '')
    await expect(oidc.refreshTokenGrant(config, refreshed.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    })
    const parameters = { id_token_hint: tokens.id_token ?? '', post_logout_redirect_uri: REDIRECT, state: 'bye' }
    const left = await by.visit(oidc.buildEndSessionUrl(config, parameters).href, REDIRECT)
    expect(left.href).toBe(`${REDIRECT}?state=bye`)
    expect(by.pages).toEqual(['Sign in'])
    await signIn(config, by)
    expect(by.pages).toEqual(['Sign in', 'Sign in'])
  })

  it('signs a user in once for several clients', async () => {
    const by = browser()
    await signIn(await discover(web), by)
    await signIn(await discover(spa), by)
    expect(by.pages).toEqual(['Sign in'])
  })

  it('signs a device in', async () => {
    const [config, by] = [await discover(spa), browser()]
    await signIn(config, by)
    const device = await oidc.initiateDeviceAuthorization(config, { scope: SCOPE })
    expect(await by.press(device.verification_uri_complete ?? '', ['', 'allow'])).toContain('signed in')
    const tokens = await oidc.pollDeviceAuthorizationGrant(config, device)
    expect(tokens.claims()).toMatchObject({ sub: 'ada', aud: spa.id })
  })

  it('gets a token of the client itself', async () => {
    const { access_token } = await oidc.clientCredentialsGrant(await discover(web), { scope: 'PM.User' })
    expect(access_token).not.toBe('')
  })
})

describe('oauth4webapi', async () => {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
  const client = { client_id: web.id }
  const secret = oauth.ClientSecretPost(web.secret)

  it('signs a user in, refreshes, reads, introspects and revokes', async () => {
    const [verifier, state, nonce] = [
      oauth.generateRandomCodeVerifier(),
      oauth.generateRandomState(),
      oauth.generateRandomNonce(),
    ]
    const url = new URL(server.authorization_endpoint ?? '')
    url.search = new URLSearchParams({
      client_id: web.id,
      redirect_uri: REDIRECT,
      response_type: 'code',
      scope: SCOPE,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    }).toString()
    const back = oauth.validateAuthResponse(server, client, await browser().visit(url.href, REDIRECT), state)
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      secret,
      back,
      REDIRECT,
      verifier,
      insecure,
    )
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: nonce,
      requireIdToken: true,
    })
    const { access_token, refresh_token = '' } = tokens
    const info = await oauth.userInfoRequest(server, client, access_token, insecure)
    expect(await oauth.processUserInfoResponse(server, client, 'ada', info)).toMatchObject({
      preferred_username: 'ada',
    })
    const refreshed = await oauth.processRefreshTokenResponse(
      server,
      client,
      await oauth.refreshTokenGrantRequest(server, client, secret, refresh_token, insecure),
    )
    const asked = await oauth.introspectionRequest(server, client, secret, refreshed.access_token, {
      ...insecure,
      requestJwtResponse: true,
    })
    expect(await oauth.processIntrospectionResponse(server, client, asked)).toMatchObject({ active: true, sub: 'ada' })
    const revoked = await oauth.revocationRequest(server, client, secret, refreshed.refresh_token ?? '', insecure)
    expect(await oauth.processRevocationResponse(revoked)).toBeUndefined()
  })

  it('is told how a device is to wait', async () => {
    const begun = await oauth.deviceAuthorizationRequest(server, client, secret, { scope: SCOPE }, insecure)
    const device = await oauth.processDeviceAuthorizationResponse(server, client, begun)
    const poll = async () =>
      oauth.processDeviceCodeResponse(
        server,
        client,
        await oauth.deviceCodeGrantRequest(server, client, secret, device.device_code, insecure),
      )
    await expect(poll()).rejects.toMatchObject({ error: 'authorization_pending' })
    await expect(poll()).rejects.toMatchObject({ error: 'slow_down' })
    const by = browser()
    await by.visit(
      `${issuer}/connect/authorize?${new URLSearchParams({
        client_id: spa.id,
        redirect_uri: REDIRECT,
        response_type: 'code',
        scope: 'openid',
        code_challenge: 'a'.repeat(43),
        code_challenge_method: 'S256',
      })}`,
      REDIRECT,
    )
    expect(await by.press(device.verification_uri_complete ?? '', ['', 'deny'])).toContain('refused')
    await tenant.clock.advance(6000)
    await expect(poll()).rejects.toMatchObject({ error: 'access_denied' })
    await tenant.clock.release()
  })
})
