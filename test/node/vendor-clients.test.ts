// The vendor's own clients, by the requests that their sources make (observed): each ends with a token of a user.
import { createHash, randomBytes } from 'node:crypto'
import { decodeJwt } from 'jose'
import { afterAll, describe, expect, it } from 'vitest'
import { startTestTenant } from '../../src/node/library/start-test-tenant.ts'
import { repository } from '../../src/node/local/repository.ts'
import { Browser } from './browser.ts'

const CLI_REDIRECT = 'http://localhost:12700'
const ORCH_REDIRECT = 'http://localhost:8085/Temporary_Listen_Addresses'
const SPA_REDIRECT = 'http://localhost:5173/'

const tenant = await startTestTenant(repository, {
  name: 'school',
  seed: {
    users: [{ id: 'ada', userName: 'ada', password: 'Correct horse 1' }],
    clients: [
      { id: 'app', public: true, redirectUris: [CLI_REDIRECT, ORCH_REDIRECT, SPA_REDIRECT] },
      { id: 'secret-app', secret: 'a-secret-of-the-app', redirectUris: [CLI_REDIRECT] },
    ],
  },
})
afterAll(() => tenant.stop())

const { origin } = new URL(tenant.url)
const token = `${origin}/identity_/connect/token`
const person = { user: 'ada', password: 'Correct horse 1', organization: 'school' }

const verifier = randomBytes(32).toString('base64url')
const challenge = createHash('sha256').update(verifier).digest('base64url')
const state = randomBytes(32).toString('base64url')

/** Goes to authorize with these parameters in this order, signs in, and returns what the client is sent. */
async function authorize(parameters: readonly (readonly [string, string])[], redirect: string) {
  const query = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  const back = await new Browser(person).visit(`${origin}/identity_/connect/authorize?${query}`, redirect)
  return back.searchParams
}

interface Tokens {
  access_token: string
  refresh_token: string
  expires_in: number
}

async function post(url: string, fields: Record<string, string>): Promise<Tokens> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) })
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return JSON.parse(text)
}

const expectUser = ({ access_token, expires_in }: Tokens) => {
  expect(decodeJwt(access_token)).toMatchObject({ sub: 'ada', prt_id: tenant.id, preferred_username: 'ada' })
  expect(expires_in).toBe(3600)
}

describe('uipath auth', () => {
  const client_id = '36dea5b8-e8bb-423d-8e7b-c808df8f1c00'
  const redirect_uri = 'http://localhost:8104/oidc/login'
  const scope =
    `offline_access ProcessMining OrchestratorApiUserAccess StudioWebBackend IdentityServerApi ConnectionService
DataService DataServiceApiUserAccess DocumentUnderstanding Du.Digitization.Api Du.Classification.Api Du.Extraction.Api
Du.Validation.Api EnterpriseContextService Directory JamJamApi LLMGateway LLMOps OMS RCS.FolderAuthorization TM.Projects
TM.TestCases TM.Requirements TM.TestSets AutomationSolutions AT.TrackOperations Docs.GPT.Search`.replace(/\n/g, ' ')

  it('signs in, exchanges the code in its page of another origin, looks up the tenants and refreshes', async () => {
    const back = await authorize(
      [
        ['client_id', client_id],
        ['redirect_uri', redirect_uri],
        ['response_type', 'code'],
        ['scope', scope],
        ['state', state],
        ['code_challenge', challenge],
        ['code_challenge_method', 'S256'],
      ],
      redirect_uri,
    )
    expect(back.get('state')).toBe(state)
    const exchange = { grant_type: 'authorization_code', code: back.get('code') ?? '', redirect_uri, client_id }
    const response = await fetch(token, {
      method: 'POST',
      headers: { Origin: 'http://localhost:8104' },
      body: new URLSearchParams({ ...exchange, code_verifier: verifier }),
    })
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe('http://localhost:8104')
    const tokens: Tokens = JSON.parse(await response.text())
    expectUser(tokens)
    const { prt_id } = decodeJwt(tokens.access_token)
    const info = await fetch(`${origin}/${prt_id}/portal_/api/filtering/leftnav/tenantsAndOrganizationInfo`, {
      headers: { Authorization: `Bearer ${tokens.access_token}` },
    })
    expect(await info.json()).toMatchObject({ organization: { id: tenant.id, name: 'school' } })
    expectUser(await post(token, { grant_type: 'refresh_token', client_id, refresh_token: tokens.refresh_token }))
  })
})

describe.each([
  ['app', ''],
  ['secret-app', 'a-secret-of-the-app'],
])('uipathcli as %s', (client_id, client_secret) => {
  it('signs in and refreshes, with every field in its forms, empty or not', async () => {
    const back = await authorize(
      [
        ['response_type', 'code'],
        ['client_id', client_id],
        ['redirect_uri', CLI_REDIRECT],
        ['scope', 'PM.User offline_access'],
        ['code_challenge', challenge],
        ['code_challenge_method', 'S256'],
        ['state', state],
      ],
      CLI_REDIRECT,
    )
    expect(back.get('state')).toBe(state)
    const empty = { scope: '', client_secret, code: '', code_verifier: '', redirect_uri: '', refresh_token: '' }
    const code = { code: back.get('code') ?? '', code_verifier: verifier, redirect_uri: CLI_REDIRECT }
    const first = await post(token, { ...empty, grant_type: 'authorization_code', client_id, ...code })
    expectUser(first)
    const { refresh_token } = first
    expectUser(await post(token, { ...empty, grant_type: 'refresh_token', client_id, refresh_token }))
  })
})

describe('UiPathOrch', () => {
  it('signs in with the name of the organization and without a state, and works at the level of the organization', async () => {
    const back = await authorize(
      [
        ['response_type', 'code'],
        ['client_id', 'app'],
        ['scope', 'PM.User PM.Setting offline_access'],
        ['redirect_uri', ORCH_REDIRECT],
        ['code_challenge', challenge],
        ['code_challenge_method', 'S256'],
        ['acr_values', 'tenantName:school'],
      ],
      ORCH_REDIRECT,
    )
    expect([...back.keys()]).toEqual(['code', 'iss'])
    const organization = `${tenant.url}/identity_/connect/token`
    const fields = { grant_type: 'authorization_code', client_id: 'app', code: back.get('code') ?? '' }
    const first = await post(organization, { ...fields, redirect_uri: ORCH_REDIRECT, code_verifier: verifier })
    expectUser(first)
    const { refresh_token } = first
    expectUser(await post(organization, { grant_type: 'refresh_token', client_id: 'app', refresh_token }))
  })
})

describe('the SDK', () => {
  it('signs in at the host and refreshes at the organization, as a page of another port', async () => {
    const back = await authorize(
      [
        ['response_type', 'code'],
        ['client_id', 'app'],
        ['redirect_uri', SPA_REDIRECT],
        ['code_challenge', challenge],
        ['code_challenge_method', 'S256'],
        ['scope', 'PM.User offline_access'],
        ['state', state.slice(0, 16)],
      ],
      SPA_REDIRECT,
    )
    expect(back.get('code')).toMatch(/^[A-Za-z0-9\-._~+/]+=*$/)
    const fields = { grant_type: 'authorization_code', client_id: 'app', code: back.get('code') ?? '' }
    const first = await post(token, { ...fields, redirect_uri: SPA_REDIRECT, code_verifier: verifier })
    const { refresh_token } = first
    expectUser(
      await post(`${tenant.url}/identity_/connect/token`, {
        grant_type: 'refresh_token',
        client_id: 'app',
        refresh_token,
      }),
    )
  })
})
