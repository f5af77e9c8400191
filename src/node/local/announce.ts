// The lines a command prints when its server is ready: its address, an access token, and a curl command that uses both.
// They are printed after each has been tried over the server's port, so that what is printed is known to work.
import { readFileSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Server } from '../runtime/server.ts'
import { StartFailure } from '../start-failure.ts'

// An agent of its own: Node's global one sends to HTTP_PROXY under NODE_USE_ENV_PROXY, and no proxy reaches this machine's
// own port.
const agent = new Agent()
const secureAgent = new SecureAgent()

const CLIENT = 'grant_type=client_credentials&client_id=hogwarts-admin&client_secret=hogwarts-admin-secret'
const TOKEN_PATH = '/identity_/connect/token'
const SETTING_PATH = '/hogwarts/identity_/api/Setting?partitionGlobalId=magic-7&key=Email.Smtp.Host&key=Email.Smtp.Port'

type Ready = Pick<Server, 'url' | 'certificate'>

/**
 * Tries the server and returns the lines to print. A seeded client or partition that somebody has deleted since is
 * no failure: the lines then say how to get a token as another client.
 * @throws StartFailure when the server answers with a status that a working one does not have
 */
export async function describeReadyServer(server: Ready, signal: AbortSignal): Promise<string> {
  const { url, certificate } = server
  const curl = certificate ? `curl --cacert '${certificate}'` : 'curl'
  await send(server, '/health', signal, (status) => status === 200)
  const token = await fetchToken(server, signal)
  if (token === undefined) {
    return [
      `ready on ${url}`,
      'token: none, the seeded client hogwarts-admin is gone or changed; get one as another client:',
      `${curl} -d 'grant_type=client_credentials&client_id=ID&client_secret=SECRET' '${url}${TOKEN_PATH}'`,
    ].join('\n')
  }
  const authorization = `Bearer ${token}`
  await send(server, SETTING_PATH, signal, (status) => status < 500, { headers: { authorization } })
  return [
    `ready on ${url}`,
    `token: ${token}`,
    `${curl} -H 'Authorization: ${authorization}' '${url}${SETTING_PATH}'`,
  ].join('\n')
}

async function fetchToken(server: Ready, signal: AbortSignal): Promise<string | undefined> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const body = await send(server, TOKEN_PATH, signal, (status) => status < 500, {
    method: 'POST',
    headers,
    body: CLIENT,
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
  const options = { method, headers, signal }
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
