// What is measured: a server, and one isolated test on it: a tenant of its own, a token, a write, a read, the end.
import { randomUUID } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectRoot } from '../../src/node/config/config.ts'
import { UNSET } from '../tenants.ts'
import { send, sendJson } from './keep-alive.ts'

export interface Subject {
  readonly name: string
  /** What Node is to run, with files of its own in `directory`; or the program with its arguments. */
  command(port: number, directory: string): Promise<{ file?: string; args: string[]; env?: Record<string, string> }>
  /** Whether it answers. */
  isUp(origin: string): Promise<unknown>
  /** Prepares what all tests share, and returns the test. */
  test(origin: string): Promise<() => Promise<void>>
  /** Tests at the same time would see one another. */
  readonly alone?: boolean
  /** It is short: so many are measured for each test of the others. */
  readonly repeat?: number
}

const CONTROL = 'a-control-token-of-the-benchmark'
export const control = { authorization: `Bearer ${CONTROL}` }

export interface Made {
  id: string
  name: string
  tokens: { admin: string }
  clients: { id: string; secret: string }[]
}

/** What the emulator reads of a signature's `Credential`: whose key it is, and for what. */
const CREDENTIAL_SCOPE = ['mock', '20260101', 'us-east-1', 'cognito-idp', 'aws4_request']

/** The tenant as `npm start` runs it, over plain HTTP. */
export const tenant: Subject = {
  name: 'identity-edge, HTTP',
  command: async (port, directory) => ({
    args: [join(projectRoot, 'src/node/local/start.ts')],
    env: { ...UNSET, PORT: String(port), STATE_DIR: join(directory, 'state'), CONTROL_TOKEN: CONTROL },
  }),
  isUp: (origin) => send(origin, { method: 'GET', path: '/health' }),
  async test(origin) {
    const root = await sendJson<Made>(origin, 'POST', '/_control/tenants', {}, control)
    return async () => {
      const { id, name, clients } = await sendJson<Made>(
        origin,
        'POST',
        `/_control/tenants/${root.id}/fork`,
        {},
        control,
      )
      const [client] = clients
      const form = `grant_type=client_credentials&client_id=${client?.id}&client_secret=${client?.secret}`
      const token = await send(origin, {
        method: 'POST',
        path: `/${name}/identity_/connect/token`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: form,
      })
      const { access_token: access }: { access_token: string } = JSON.parse(token)
      const bearer = { authorization: `Bearer ${access}` }
      const settings = [{ key: 'A.Key', value: 'a value' }]
      const path = `/${name}/identity_/api/Setting`
      await sendJson(origin, 'PUT', path, { settings, partitionGlobalId: id }, bearer)
      await sendJson(origin, 'GET', `${path}?key=A.Key&partitionGlobalId=${id}`, undefined, bearer)
      await send(origin, { method: 'DELETE', path: `/_control/tenants/${id}`, headers: control })
    }
  },
}

/** The same five calls to a Worker that does no more than a statement for each, and one signature. */
export const floor: Subject = {
  name: 'floor',
  command: async (port, directory) => ({
    args: [join(import.meta.dirname, 'floor.ts')],
    env: { PORT: String(port), STATE_DIR: join(directory, 'state') },
  }),
  isUp: (origin) => send(origin, { method: 'GET', path: '/up' }),
  test: async (origin) => async () => {
    const id = randomUUID()
    const body = JSON.stringify({ id, key: 'A.Key', value: 'a value' })
    await send(origin, { method: 'POST', path: '/tenant', body })
    await send(origin, { method: 'POST', path: '/token', body })
    await send(origin, { method: 'PUT', path: '/setting', body })
    await send(origin, { method: 'GET', path: `/setting?id=${id}` })
    await send(origin, { method: 'DELETE', path: `/tenant?id=${id}` })
  },
}

const peer = (name: string) => join(import.meta.dirname, 'peers/node_modules', name)

const TOOLKIT = '/identitytoolkit.googleapis.com'
const OWNER = { authorization: 'Bearer owner' }

/** Firebase's auth emulator: in memory, its tokens unsigned. */
const firebase: Subject = {
  name: 'Firebase auth emulator',
  async command(port, directory) {
    const emulators = {
      auth: { host: '127.0.0.1', port },
      ui: { enabled: false },
      hub: { port: 0 },
      logging: { port: 0 },
    }
    await writeFile(join(directory, 'firebase.json'), JSON.stringify({ emulators }))
    const args = ['emulators:start', '--only', 'auth', '--project', 'demo-bench']
    return { args: [join(peer('firebase-tools'), 'lib/bin/firebase.js'), ...args] }
  },
  isUp: (origin) => send(origin, { method: 'GET', path: '/' }),
  test: async (origin) => async () => {
    const tenants = `${TOOLKIT}/v2/projects/demo-bench/tenants`
    const made = await sendJson<{ name: string }>(
      origin,
      'POST',
      tenants,
      { displayName: 'test', allowPasswordSignup: true },
      OWNER,
    )
    const tenantId = made.name.slice(made.name.lastIndexOf('/') + 1)
    const accounts = (verb: string) => `${TOOLKIT}/v1/accounts:${verb}?key=any`
    const user = { tenantId, email: 'a@tenant.example', password: 'a-password' }
    const { idToken } = await sendJson<{ idToken: string }>(origin, 'POST', accounts('signUp'), user)
    await sendJson(origin, 'POST', accounts('update'), { tenantId, idToken, displayName: 'Ada' })
    await sendJson(origin, 'POST', accounts('lookup'), { tenantId, idToken })
    await send(origin, { method: 'DELETE', path: `${tenants}/${tenantId}`, headers: OWNER })
  },
}

/** cognito-local: a file for each pool, its tokens signed. */
const cognito: Subject = {
  name: 'cognito-local',
  command: async (port, directory) => ({
    args: [join(peer('cognito-local'), 'lib/bin/start.js')],
    env: { HOST: '127.0.0.1', PORT: String(port), CODE: '1234', HOME: directory },
  }),
  isUp: (origin) => send(origin, { method: 'GET', path: '/health' }),
  test: async (origin) => async () => {
    const ask = <Answer>(target: string, body: object) =>
      sendJson<Answer>(origin, 'POST', '/', body, {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSCognitoIdentityProviderService.${target}`,
        authorization: `AWS4-HMAC-SHA256 Credential=${CREDENTIAL_SCOPE.join('/')}`,
      })
    const { UserPool } = await ask<{ UserPool: { Id: string } }>('CreateUserPool', { PoolName: 'test' })
    const pool = { UserPoolId: UserPool.Id }
    const flows = ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH']
    const { UserPoolClient } = await ask<{ UserPoolClient: { ClientId: string } }>('CreateUserPoolClient', {
      ...pool,
      ClientName: 'test',
      ExplicitAuthFlows: flows,
    })
    const user = { ...pool, Username: 'ada@tenant.example' }
    const password = 'A-pass-word-1'
    await ask('AdminCreateUser', { ...user, MessageAction: 'SUPPRESS', TemporaryPassword: password })
    await ask('AdminSetUserPassword', { ...user, Password: password, Permanent: true })
    await ask('InitiateAuth', {
      ClientId: UserPoolClient.ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'ada@tenant.example', PASSWORD: password },
    })
    await ask('AdminUpdateUserAttributes', { ...user, UserAttributes: [{ Name: 'name', Value: 'Ada' }] })
    await ask('AdminGetUser', user)
    await ask('DeleteUserPool', pool)
  },
}

const STUBS = [
  { request: { method: 'POST', urlPath: '/connect/token' }, response: { jsonBody: { access_token: 'a' } } },
  { request: { method: 'GET', urlPath: '/api/Setting' }, response: { jsonBody: [{ key: 'A.Key', value: 'a value' }] } },
]

/** WireMock: a reset stands for the end, since all tests share its stubs. */
const wiremock: Subject = {
  name: 'WireMock',
  alone: true,
  command: async (port) => ({
    file: 'java',
    args: [
      '-jar',
      await jarOf('wiremock'),
      '--port',
      String(port),
      '--bind-address',
      '127.0.0.1',
      '--no-request-journal',
    ],
  }),
  isUp: (origin) => send(origin, { method: 'GET', path: '/__admin/mappings' }),
  test: async (origin) => async () => {
    for (const stub of STUBS) await sendJson(origin, 'POST', '/__admin/mappings', stub)
    await send(origin, { method: 'POST', path: '/connect/token' })
    await send(origin, { method: 'GET', path: '/api/Setting' })
    await send(origin, { method: 'POST', path: '/__admin/reset' })
  },
}

async function jarOf(name: string): Promise<string> {
  const folder = join(peer(name), 'build')
  const jar = (await readdir(folder)).find((file) => file.endsWith('.jar'))
  if (!jar) throw new Error(`${name} has no program in it`)
  return join(folder, jar)
}

export const PEERS: readonly Subject[] = [firebase, cognito, wiremock]
