// Sends a browser on: back to the client, or to the error page where nothing may be said to the client.

import type { Context } from 'hono'
import { base64url } from 'jose'
import { issuerOf } from '../auth/issuer.ts'
import type { AppEnv } from '../database/session.ts'
import { html, page } from '../http/html.ts'
import { BASE_PATH, originOf } from '../http/path.ts'
import { newTrace } from '../http/trace.ts'
import { hex } from '../secrets/handle.ts'
import type { Objection } from './authorize-checks.ts'
import { digestOf } from './look-up.ts'
import type { Parameters } from './parameters.ts'

/** Real server: on every answer of authorize (its framework's source). */
const NO_STORE = { 'Cache-Control': 'no-store, no-cache, max-age=0', Pragma: 'no-cache' }

/** 302 to `location`. */
export const redirect = (location: string, headers: Record<string, string> = {}): Response =>
  new Response(null, { status: 302, headers: { Location: location, ...NO_STORE, ...headers } })

/** Errors that are told to the client. Real server: these and no others (its framework's source). */
export type ClientError = 'access_denied' | 'login_required'

/** 302 to the client with an error. */
export const refuseClient = (c: Context<AppEnv>, parameters: Parameters, error: ClientError) =>
  sendTo(c, parameters, [['error', error], ...commonOf(c, parameters)])

/** 302 to the client with a code. Real server: the order (its framework's source). */
export async function sendCode(
  c: Context<AppEnv>,
  parameters: Parameters,
  { code, session, headers }: { code: string; session: string; headers?: Record<string, string> },
) {
  const state = await sessionState(parameters, session)
  return sendTo(c, parameters, [['code', code], ...commonOf(c, parameters, state)], headers)
}

type Pairs = readonly (readonly [name: string, value: string | undefined])[]

const commonOf = (c: Context<AppEnv>, parameters: Parameters, sessionState?: string): Pairs => [
  ['state', parameters.get('state')],
  ['session_state', sessionState],
  ['iss', issuerOf(c)],
]

/** OpenID Connect Session Management, section 3: only for requests of that protocol. */
async function sessionState(parameters: Parameters, session: string): Promise<string | undefined> {
  if (!parameters.get('scope')?.split(' ').includes('openid')) return undefined
  const salt = hex(crypto.getRandomValues(new Uint8Array(16)))
  const origin = new URL(parameters.get('redirect_uri') ?? '').origin
  return `${await digestOf(`${parameters.get('client_id')}${origin}${session}${salt}`)}.${salt}`
}

function sendTo(c: Context<AppEnv>, parameters: Parameters, pairs: Pairs, headers?: Record<string, string>): Response {
  const [uri, mode] = [parameters.get('redirect_uri') ?? '', parameters.get('response_mode')]
  const given = pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  if (mode === 'form_post') return postTo(c, uri, given, headers)
  const query = given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  if (mode === 'fragment') return redirect(`${uri}#${query}`, headers)
  const isError = given.some(([name]) => name === 'error')
  return redirect(`${uri}${uri.includes('?') ? '&' : '?'}${query}${isError ? '#_' : ''}`, headers)
}

function postTo(
  c: Context<AppEnv>,
  uri: string,
  pairs: readonly (readonly [string, string])[],
  headers: Record<string, string> = {},
): Response {
  const fields = pairs.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)
  const body = html`<h1>You are signed in</h1>
<form method="post" action="${uri}">${fields}<button autofocus>Continue</button></form>`
  const answer = page(c, { title: 'Signed in', body, formAction: formActionOf(uri) })
  for (const [name, value] of Object.entries(headers)) answer.headers.append(name, value)
  return answer
}

/** What a content security policy has to allow for forms that end at an address. It has no form for the hosts of IPv6. */
export function formActionOf(uri: string): string {
  const { protocol, host, origin } = new URL(uri)
  return /^https?:$/.test(protocol) && !host.startsWith('[') ? origin : protocol
}

/** The difference of .NET's epoch to the Unix one, in ticks of 100 ns. */
const EPOCH_TICKS = 621_355_968_000_000_000n

/** 302 to the error page. Real server: the envelope and its order (observed). `isSafe`: the address is the client's. */
export function refusePage(
  c: Context<AppEnv>,
  parameters: Parameters,
  { error, description }: Objection,
  isSafe: boolean,
): Response {
  const created = BigInt(Date.now()) * 10_000n + EPOCH_TICKS
  const data = {
    DisplayMode: null,
    UiLocales: null,
    Error: error,
    ErrorDescription: description,
    RequestId: `0H${hex(crypto.getRandomValues(new Uint8Array(6)))}:00000001`,
    ActivityId: c.get('traceparent') ?? newTrace('00'),
    RedirectUri: isSafe ? parameters.get('redirect_uri') : null,
    ResponseMode: isSafe ? (parameters.get('response_mode') ?? 'query') : null,
    ClientId: parameters.get('client_id') ?? null,
  }
  const errorId = base64url.encode(`{"Created":${created},"Data":${JSON.stringify(data)}}`)
  const query = `errorCode=${encodeURIComponent(error)}&errorId=${errorId}`
  return redirect(`${originOf(c.req.url)}${BASE_PATH}/web/?${query}`)
}
