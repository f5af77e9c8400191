// HTTP calls to the server that served this page. Each call that changes something is kept, as the curl call that would do
// the same.
import { currentKey, forgetKey } from './session.ts'

/** A call that was refused, with the reason that the answer gives. */
export class Refused extends Error {
  readonly status: number
  readonly body: unknown

  constructor(status: number, body: unknown) {
    super(reasonIn(body) ?? `The answer was ${status}.`)
    this.status = status
    this.body = body
  }
}

const TEXTS = ['detail', 'message', 'error_description', 'error', 'title'] as const

/** Why an answer refuses, as it says itself. */
export function reasonIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const { errors } = body as { errors?: unknown }
  const listed = errors && typeof errors === 'object' ? Object.values(errors).flat().map(describe) : []
  if (listed.length > 0) return listed.join(' ')
  return TEXTS.map((name) => Reflect.get(body, name)).find((value) => typeof value === 'string' && value !== '')
}

const describe = (error: unknown) => reasonIn(error) ?? String(error)

export interface Call {
  readonly method: string
  /** From the origin on. */
  readonly path: string
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Act {
  readonly number: number
  readonly at: Date
  readonly method: string
  readonly path: string
  readonly status: number
  readonly curl: string
}

/** The most acts that are kept. */
const MAX_ACTS = 200

let acts: readonly Act[] = []
const listeners = new Set<() => void>()

export const actsSoFar = (): readonly Act[] => acts

/** Calls `listener` after each act, until the returned function is called. */
export function onAct(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function keepAct(call: Call, credential: string, status: number): void {
  const number = (acts[0]?.number ?? 0) + 1
  const act = { number, at: new Date(), method: call.method, path: call.path, status, curl: curlOf(call, credential) }
  acts = [act, ...acts].slice(0, MAX_ACTS)
  for (const listener of listeners) listener()
}

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

/** The call as a shell command. `credential` names the variable that holds the secret; the secret itself is never in it. */
export function curlOf({ method, path, json, headers = {} }: Call, credential: string): string {
  const lines = [
    `curl -X ${method} ${quote(`${location.origin}${path}`)}`,
    ...(credential ? [`-H "Authorization: Bearer $${credential}"`] : []),
    ...Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(json === undefined ? [] : [`-H 'Content-Type: application/json'`, `-d ${quote(JSON.stringify(json))}`]),
  ]
  return lines.join(' \\\n  ')
}

/** Sends a call with a bearer token. @throws Refused for every status from 400 */
async function send(call: Call, token: string, credential: string, signal?: AbortSignal): Promise<Response> {
  const { method, path, json, headers } = call
  const response = await fetch(path, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      ...headers,
      ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    ...(signal ? { signal } : {}),
    credentials: 'omit',
    cache: 'no-store',
  })
  if (method !== 'GET') keepAct(call, credential, response.status)
  if (response.status >= 400) throw new Refused(response.status, parsed(await response.text()))
  return response
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

async function bodyOf<Answer>(response: Response): Promise<Answer> {
  const text = await response.text()
  return (text === '' ? undefined : parsed(text)) as Answer
}

/** Calls the control plane. The caller states the answer's type, which is not checked. @throws Refused */
export async function control<Answer>(
  method: string,
  path: string,
  json?: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  const call = { method, path: `/_control${path}`, ...(json === undefined ? {} : { json }) }
  try {
    return await bodyOf(await send(call, currentKey() ?? '', 'CONTROL_TOKEN', signal))
  } catch (error) {
    if (error instanceof Refused && error.status === 401) refuseKey(error)
    throw error
  }
}

/** @throws Refused for a key that opens nothing */
export async function tryKey(key: string): Promise<void> {
  await send({ method: 'GET', path: '/_control/tenants' }, key, 'CONTROL_TOKEN')
}

let keyRefused: (reason: Refused) => void = () => {}

/** Calls `listener` when the key turns out to be good for nothing any more. It is forgotten then. */
export function onKeyRefused(listener: (reason: Refused) => void): () => void {
  keyRefused = listener
  return () => {
    keyRefused = () => {}
  }
}

function refuseKey(reason: Refused): void {
  keyRefused(reason)
  forgetKey()
}

/** The control plane's path of a tenant, or of something below it. */
export const under = (tenant: string, ...rest: readonly string[]): string =>
  ['/tenants', ...[tenant, ...rest].map(encodeURIComponent)].join('/')

const tokens = new Map<string, Promise<string>>()

/** Forgets what the key before has left behind: its acts and tokens are none of the next one's. */
export function forgetActs(): void {
  tokens.clear()
  acts = []
}

/** A token of the tenant with all scopes, asked for once. */
function tokenOf(tenant: string): Promise<string> {
  const known = tokens.get(tenant)
  if (known) return known
  const asked = control<{ token: string }>('POST', under(tenant, 'tokens'), {}).then(({ token }) => token)
  tokens.set(tenant, asked)
  asked.catch(() => tokens.delete(tenant))
  return asked
}

/** Sends a call to the emulated API of a tenant, as an application with all scopes. @throws Refused */
export async function sendAs(tenant: string, call: Call): Promise<Response> {
  try {
    return await send(call, await tokenOf(tenant), 'TOKEN')
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401) throw error
    // The tenant's clock or the issuer has changed since the token was signed.
    tokens.delete(tenant)
    return send(call, await tokenOf(tenant), 'TOKEN')
  }
}

/** Calls an operation of the emulated API. The caller states the answer's type, which is not checked. @throws Refused */
export async function api<Answer>(tenant: string, method: string, path: string, json?: unknown): Promise<Answer> {
  const below = `/${encodeURIComponent(tenant)}/identity_/api/${path}`
  return bodyOf(await sendAs(tenant, { method, path: below, ...(json === undefined ? {} : { json }) }))
}
