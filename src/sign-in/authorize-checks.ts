// What an authorization request is checked for. Real server: the order, the errors and their texts (its framework's source).
import { IDENTITY_SCOPES, OFFLINE_ACCESS } from '../auth/scopes.ts'
import type { ClientRow } from '../connect/client.queries.ts'
import { MAX_REDIRECT_URI } from '../connect/client.schema.ts'
import { listScopes } from '../connect/issue-token.ts'
import type { Parameters } from './parameters.ts'

/** An authorization request with what the database has of its client. */
export interface Asked {
  readonly parameters: Parameters
  /** Undefined where it is unknown, or its tenant's time is over. */
  readonly client: ClientRow | undefined
  /** The origin that the request came to. */
  readonly origin: string
}

export interface Objection {
  readonly error: string
  readonly description: string
}

type Check = (asked: Asked) => Objection | undefined | false

const object = (error: string, description: string): Objection => ({ error, description })
const invalid = (description: string) => object('invalid_request', description)

/** Longer values are refused. In characters. Real server: these are its framework's, except for the scope's (observed longer). */
const MAX = { client_id: 100, scope: 10_000, nonce: 300, ui_locales: 100, login_hint: 100, acr_values: 300 } as const

const isLong = ({ parameters }: Asked, name: keyof typeof MAX) => (parameters.get(name) ?? '').length > MAX[name]

/** The flow of each response type, its words in alphabetical order. */
const FLOWS: Readonly<Record<string, 'code' | 'implicit' | 'hybrid'>> = {
  code: 'code',
  token: 'implicit',
  id_token: 'implicit',
  'id_token token': 'implicit',
  'code id_token': 'hybrid',
  'code token': 'hybrid',
  'code id_token token': 'hybrid',
}

const flowOf = ({ parameters }: Asked) => FLOWS[(parameters.get('response_type') ?? '').split(' ').sort().join(' ')]

// Real server: this order in its metadata (its framework's source).
export const RESPONSE_MODES = ['form_post', 'query', 'fragment']
export const PROMPTS = ['none', 'login', 'consent', 'select_account']

/** Whether an address is exactly one of the client's. One that is registered as a path is at the server's own origin. */
export function isRegistered({ redirectUris }: Pick<ClientRow, 'redirectUris'>, uri: string, origin: string): boolean {
  const registered: string[] = JSON.parse(redirectUris)
  return registered.some((one) => uri === (one.startsWith('/') ? `${origin}${one}` : one))
}

function checkPkce(asked: Asked): Objection | undefined {
  const { parameters, client } = asked
  const [challenge, method] = [parameters.get('code_challenge'), parameters.get('code_challenge_method')]
  if (flowOf(asked) === 'implicit') return undefined
  if (challenge === undefined) {
    const isNeeded = client?.requirePkce || client?.secretHash === '' || method !== undefined
    return isNeeded ? invalid('code challenge required') : undefined
  }
  if (challenge.length < 43 || challenge.length > 128) return invalid('Invalid code_challenge')
  return method === 'S256' ? undefined : invalid('Transform algorithm not supported')
}

function checkResponseMode(asked: Asked): Objection | undefined {
  const mode = asked.parameters.get('response_mode')
  if (mode === undefined) return undefined
  if (!RESPONSE_MODES.includes(mode)) return object('unsupported_response_type', 'Invalid response_mode')
  return mode === 'query' && flowOf(asked) !== 'code' ? invalid('Invalid response_mode for response_type') : undefined
}

function checkScope(asked: Asked): Objection | undefined {
  const scopes = listScopes(asked.parameters.get('scope'))
  if (scopes.length === 0 || isLong(asked, 'scope')) return invalid('Invalid scope')
  if (!scopes.includes('openid') && scopes.some((scope) => IDENTITY_SCOPES.includes(scope))) {
    return object('invalid_scope', 'Identity scopes requested, but openid scope is missing')
  }
  const registered = asked.client?.scopes.split(' ') ?? []
  const isAllowed = (scope: string) => scope === OFFLINE_ACCESS || registered.includes(scope)
  return scopes.every(isAllowed) ? undefined : object('invalid_scope', 'Invalid scope')
}

function checkPrompt({ parameters }: Asked): Objection | undefined {
  const prompts = listScopes(parameters.get('prompt'))
  if (!prompts.every((prompt) => PROMPTS.includes(prompt))) return invalid('Unsupported prompt mode')
  return prompts.includes('none') && prompts.length > 1 ? invalid('Invalid prompt') : undefined
}

/** Those that need no client: they come before the database is asked. */
const BEFORE_CLIENT: readonly Check[] = [
  (asked) => isLong(asked, 'ui_locales') && invalid('Invalid ui_locales'),
  (asked) => (!asked.parameters.get('client_id') || isLong(asked, 'client_id')) && invalid('Invalid client_id'),
]

/** Those of the client and the address: nothing is known to be safe to say to the client before they are passed. */
const OF_CLIENT: readonly Check[] = [
  ({ client }) => !client && object('unauthorized_client', 'Unknown client or client not enabled'),
  ({ parameters, client, origin }) => {
    const uri = parameters.get('redirect_uri') ?? ''
    const isUsable = uri.length <= MAX_REDIRECT_URI && URL.canParse(uri) && client && isRegistered(client, uri, origin)
    return !isUsable && invalid('Invalid redirect_uri')
  },
]

const OF_PARAMETERS: readonly Check[] = [
  ({ parameters }) => !parameters.get('response_type') && invalid('Missing response_type'),
  (asked) => !flowOf(asked) && object('unsupported_response_type', 'Response type not supported'),
  checkPkce,
  checkResponseMode,
  (asked) => {
    const isAllowed = flowOf(asked) === 'code' && asked.client?.grantTypes.split(' ').includes('authorization_code')
    return !isAllowed && object('unauthorized_client', 'Invalid grant type for client')
  },
  checkScope,
  (asked) => isLong(asked, 'nonce') && invalid('Invalid nonce'),
  checkPrompt,
  ({ parameters }) => !/^\d{0,9}$/.test(parameters.get('max_age') ?? '') && invalid('Invalid max_age'),
  (asked) => isLong(asked, 'login_hint') && invalid('Invalid login_hint'),
  (asked) => isLong(asked, 'acr_values') && invalid('Invalid acr_values'),
]

const firstOf = (checks: readonly Check[], asked: Asked) => {
  for (const check of checks) {
    const objection = check(asked)
    if (objection) return objection
  }
  return undefined
}

/** What can be said against a request before its client is known. */
export const checkBeforeClient = (asked: Omit<Asked, 'client'>) =>
  firstOf(BEFORE_CLIENT, { ...asked, client: undefined })

/** The first thing there is to say against a request, and whether its address is known to be the client's. */
export function checkRequest(asked: Asked): { objection: Objection | undefined; isSafe: boolean } {
  const objection = firstOf(OF_CLIENT, asked)
  return objection ? { objection, isSafe: false } : { objection: firstOf(OF_PARAMETERS, asked), isSafe: true }
}
