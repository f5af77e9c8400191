// A server that is started with --host, called from another network namespace, as from another machine. Namespaces are made
// by root on Linux; elsewhere nothing is run here.
import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cleanUp, runCommand, until } from './command.ts'
import { installPackage } from './installed-package.ts'

const run = promisify(execFile)
const SERVER = `edge-server-${process.pid}`
const CLIENT = `edge-client-${process.pid}`
/** What documentation has for examples, which no network routes. */
const ADDRESSES = { [SERVER]: ['192.0.2.1', '2001:db8::1'], [CLIENT]: ['192.0.2.2', '2001:db8::2'] }
const PORT = 8787
const CREDENTIALS = 'hogwarts-admin:hogwarts-admin-secret'
const SETTING = '/hogwarts/identity_/api/Setting?partitionGlobalId=magic-7&key=Email.Smtp.Host'

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' })

function canMakeNamespaces(): boolean {
  try {
    ip('netns', 'add', SERVER)
    ip('netns', 'delete', SERVER)
    return true
  } catch {
    return false
  }
}
const able = canMakeNamespaces()
if (!able) console.log('no network namespaces can be made here: needs Linux, root and iproute2')

/** Two namespaces with a cable between them. */
function connect(): void {
  for (const namespace of [SERVER, CLIENT]) ip('netns', 'add', namespace)
  ip('link', 'add', 'edge', 'netns', SERVER, 'type', 'veth', 'peer', 'name', 'edge', 'netns', CLIENT)
  for (const [namespace, [four = '', six = '']] of Object.entries(ADDRESSES)) {
    ip('-n', namespace, 'address', 'add', `${four}/24`, 'dev', 'edge')
    // Without the check for duplicates, during which an address cannot be listened on.
    ip('-n', namespace, 'address', 'add', `${six}/64`, 'dev', 'edge', 'nodad')
    for (const device of ['lo', 'edge']) ip('-n', namespace, 'link', 'set', device, 'up')
  }
}

/** The status and body that `host` answers in a namespace, where all names are the server's IPv4 address. */
async function call(namespace: string, host: string, path: string, ...options: string[]) {
  const names = ['--resolve', `*:${PORT}:${ADDRESSES[SERVER]?.[0]}`]
  const curl = [
    'curl',
    '-sg',
    '--noproxy',
    '*',
    ...names,
    '-w',
    '\n%{http_code}',
    ...options,
    `http://${host}:${PORT}${path}`,
  ]
  const { stdout } = await run('ip', ['netns', 'exec', namespace, ...curl])
  const [, body = '', status = ''] = /^(.*)\n(\d+)$/s.exec(stdout) ?? []
  return { status: Number(status), body }
}

const token = async (host: string) => {
  const { body } = await call(
    CLIENT,
    host,
    '/identity_/connect/token',
    '-u',
    CREDENTIALS,
    '-d',
    'grant_type=client_credentials',
  )
  return String(JSON.parse(body).access_token)
}

describe.skipIf(!able)('from another network namespace', () => {
  let remove = async () => {}
  beforeAll(async () => {
    connect()
    const installed = await installPackage()
    remove = installed.remove
    const cli = join(installed.folder, 'node_modules/identity-edge/dist/cli.js')
    const options = ['--ephemeral', '--port', String(PORT), '--host', '::', '--allowed-host', 'identity']
    const command = runCommand({ CI: '' }, 'ip', 'netns', 'exec', SERVER, process.execPath, cli, ...options)
    await until('it is ready', async () => command.output().includes('curl '))
  }, 300_000)
  afterAll(async () => {
    await cleanUp()
    await remove()
    for (const namespace of [SERVER, CLIENT]) ip('netns', 'delete', namespace)
  })

  it('its addresses and a name that is allowed reach it, and a token of one holds at all', async () => {
    const hosts = ['192.0.2.1', '[2001:db8::1]', 'identity']
    for (const made of hosts) {
      const bearer = `Authorization: Bearer ${await token(made)}`
      for (const host of hosts) expect(await call(CLIENT, host, SETTING, '-H', bearer)).toMatchObject({ status: 200 })
      expect(await call(SERVER, '[::1]', SETTING, '-H', bearer)).toMatchObject({ status: 200 })
    }
  })

  it.each(['/health', '/identity_/connect/token', '/_control/tenants', '/', SETTING])(
    'a name that is not allowed gets nothing at %s',
    async (path) => {
      const key = ['-H', `Authorization: Bearer ${await token('identity')}`]

      expect((await call(CLIENT, 'identity.example', path, ...key)).status).toBe(421)
    },
  )
})
