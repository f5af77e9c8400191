// What is said when the tenant serves: where it is, a token to begin with and a request that shows both at work. Said
// only after every one of them has been tried, over the public port.
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { StartFailure } from '../start-failure.ts'

const CLIENT = 'grant_type=client_credentials&client_id=hogwarts-admin&client_secret=hogwarts-admin-secret'
const TOKEN_PATH = '/identity_/connect/token'
const SETTING_PATH = '/hogwarts/identity_/api/Setting?partitionGlobalId=magic-7&key=Email.Smtp.Host&key=Email.Smtp.Port'

/**
 * Tries the tenant at `url` and returns the lines to print.
 * The seeded client and partition may be gone from a tenant somebody works with; that makes it no less ready.
 * @throws StartFailure when the tenant does not work
 */
export async function describeReadyTenant(url: string, signal: AbortSignal): Promise<string> {
  await send(`${url}/health`, signal, (status) => status === 200)
  const token = await fetchToken(url, signal)
  if (token === undefined) {
    return [
      `ready on ${url}`,
      'token: none, the seeded client hogwarts-admin is gone or changed; get one as another client:',
      `curl -d 'grant_type=client_credentials&client_id=ID&client_secret=SECRET' '${url}${TOKEN_PATH}'`,
    ].join('\n')
  }
  const authorization = `Bearer ${token}`
  await send(url + SETTING_PATH, signal, (status) => status < 500, { headers: { authorization } })
  return [
    `ready on ${url}`,
    `token: ${token}`,
    `curl -H 'Authorization: ${authorization}' '${url}${SETTING_PATH}'`,
  ].join('\n')
}

async function fetchToken(url: string, signal: AbortSignal): Promise<string | undefined> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const body = await send(url + TOKEN_PATH, signal, (status) => status < 500, { method: 'POST', headers, body: CLIENT })
  const [, token] = /"access_token"\s*:\s*"([^"]+)"/.exec(body) ?? []
  return token
}

interface Call {
  method?: string
  headers?: Record<string, string>
  body?: string
}

/** The body of the answer. */
async function send(
  url: string,
  signal: AbortSignal,
  works: (status: number) => boolean,
  { method = 'GET', headers = {}, body = '' }: Call = {},
): Promise<string> {
  // Not `fetch`, which refuses a good many ports that a tenant may well be put on.
  const call = request(url, { method, headers, signal }).end(body)
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    call.once('response', resolve)
    call.on('error', reject)
  })
  const status = response.statusCode ?? 0
  const answer = await text(response)
  if (!works(status)) {
    throw new StartFailure(`the tenant is up, but ${url} answers ${status}: ${answer.slice(0, 300)}`)
  }
  return answer
}
