// The lines a command prints when its server is ready: what it is, how to reach it, and one call. The call is made over the
// server's port before it is printed, so that what is printed is known to work.
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { newTrace, traceIdOf } from '../../http/trace.ts'
import { Agent, request, SecureAgent, secureRequest } from '../runtime/http.ts'
import { type TemporaryPlace, temporaryPlace } from '../runtime/memory-disk.ts'
import type { Server } from '../runtime/server.ts'
import { StartFailure } from '../start-failure.ts'

// An agent of its own: Node's global one sends to HTTP_PROXY under NODE_USE_ENV_PROXY, and no proxy reaches this machine's
// own port.
const agent = new Agent()
const secureAgent = new SecureAgent()

/** The trace of the requests made here, by which the request log leaves them out. */
const traceparent = newTrace()
export const ANNOUNCING = traceIdOf(traceparent)

const CREDENTIALS = 'hogwarts-admin:hogwarts-admin-secret'
const CLIENTS = 'hogwarts-admin / hogwarts-admin-secret of partition magic-7, host-admin / host-admin-secret'
const GRANT = 'grant_type=client_credentials'
const TOKEN_PATH = '/identity_/connect/token'
const SETTING_PATH = '/hogwarts/identity_/api/Setting?partitionGlobalId=magic-7&key=Email.Smtp.Host&key=Email.Smtp.Port'

/** How a run is set up, as far as its user is told. */
export interface Announcement {
  /** Where the data is kept; undefined where it goes with the server. */
  readonly stateDir: string | undefined
  /** The control plane, if there is one, with its token unless its user chose it: the output may be the log of a CI run. */
  readonly control: { readonly token: string | undefined } | undefined
  /** Whether an access token is printed, which is 1.7 KB long. */
  readonly printToken: boolean
  /** Whether only the address is printed. */
  readonly quiet: boolean
  /** Whether the address can be reached from other machines. */
  readonly exposed: boolean
}

/** A line: what it tells of, and what it says. */
export type Row = readonly [label: string, said: string]

/** The lines to print; a caller's own go between the two. */
export interface ReadyLines {
  readonly facts: string
  readonly call: string | undefined
}

/** A server that listens. */
type Ready = Pick<Server, 'url' | 'certificate'>

/**
 * Tries the server and returns the lines to print. A seeded client or partition that somebody has deleted since is
 * no failure: the lines then say how to get a token as another client.
 * @throws StartFailure when the server answers with a status that a working one does not have
 */
export async function describeReadyServer(
  server: Ready,
  announcement: Announcement,
  signal: AbortSignal,
): Promise<ReadyLines> {
  const { quiet, printToken } = announcement
  const { url } = server
  await send(server, '/health', signal, (status) => status === 200)
  const token = await fetchToken(server, signal)
  if (token !== undefined) {
    const headers = { authorization: `Bearer ${token}` }
    await send(server, SETTING_PATH, signal, (status) => status < 500, { headers })
  }
  const rows = [
    ...(quiet ? [] : describe(url, token !== undefined, announcement)),
    ...(printToken && token !== undefined ? [formatRow(['token', token])] : []),
  ]
  return {
    facts: [`ready on ${url}`, ...rows].join('\n'),
    call: quiet ? undefined : callOf(server, token !== undefined),
  }
}

const GIVEN = 'as in CONTROL_TOKEN'

/** Where the console is, with the token that opens it in the fragment, which browsers send to no server. */
export const consoleAddress = (url: string, token: string | undefined) =>
  token === undefined ? `${url}/` : `${url}/#key=${encodeURIComponent(token)}`

function describe(url: string, seeded: boolean, { exposed, control, stateDir }: Announcement): string[] {
  const rows: Row[] = [
    ['this is', 'a mock of UiPath Identity Server for tests; Ctrl-C stops it'],
    ...(exposed ? [['warning', 'other machines can reach it, and its clients are known to everybody'] as const] : []),
    ['clients', seeded ? CLIENTS : 'the seeded client hogwarts-admin is gone or changed; use another'],
    ['control', control ? `${url}/_control, token ${control.token ?? GIVEN}` : 'none, as CONTROL_TOKEN is empty'],
    ...(control ? [['page', consoleAddress(url, control.token)] as const] : []),
    ['data', stateDir ?? describeTemporary(temporaryPlace())],
    ['try', 'the call below, as it stands'],
  ]
  return rows.map(formatRow)
}

const describeTemporary = ({ path, unlike }: TemporaryPlace) =>
  unlike ? `kept nowhere; in ${path} until then, as ${unlike}` : 'kept nowhere'

export const formatRow = ([label, said]: Row) => `  ${label.padEnd(8)} ${said}`

function callOf({ url, certificate }: Ready, seeded: boolean): string {
  const curl = certificate ? `curl --cacert '${certificate}'` : 'curl'
  const credentials = seeded ? CREDENTIALS : 'ID:SECRET'
  const token = `${curl} -s -u ${credentials} -d ${GRANT} ${url}${TOKEN_PATH}`
  if (!seeded) return token
  return `${curl} -H "Authorization: Bearer $(${token} | sed 's/.*access_token":"//;s/".*//')" '${url}${SETTING_PATH}'`
}

async function fetchToken(server: Ready, signal: AbortSignal): Promise<string | undefined> {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    authorization: `Basic ${btoa(CREDENTIALS)}`,
  }
  const body = await send(server, TOKEN_PATH, signal, (status) => status < 500, {
    method: 'POST',
    headers,
    body: GRANT,
  })
  const [, token] = /"access_token"\s*:\s*"([^"]+)"/.exec(body) ?? []
  return token
}

interface Call {
  method?: string
  headers?: Record<string, string>
  body?: string
}

/**
 * Sends a request and returns the answer's body.
 * @throws StartFailure when `works` is false for the answer's status
 */
async function send(
  { url, certificate }: Ready,
  path: string,
  signal: AbortSignal,
  works: (status: number) => boolean,
  { method = 'GET', headers = {}, body = '' }: Call = {},
): Promise<string> {
  // Not `fetch`, which refuses the ports on its list of unsafe ones (6000, 6667 and others), though the server may listen
  // there.
  const options = { method, headers: { traceparent, ...headers }, signal }
  const call = certificate
    ? secureRequest(url + path, { ...options, agent: secureAgent, ca: readFileSync(certificate) })
    : request(url + path, { ...options, agent })
  call.end(body)
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    call.once('response', resolve)
    call.on('error', reject)
  })
  const status = response.statusCode ?? 0
  const answer = await text(response)
  if (!works(status)) {
    throw new StartFailure(`the server is up, but ${url}${path} answers ${status}: ${answer.slice(0, 300)}`)
  }
  return answer
}
