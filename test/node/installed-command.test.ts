// The installed command where it runs others, writes files, and is reached from elsewhere.
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { cleanUp, fetchToken, runCommand, until } from './command.ts'
import { installPackage } from './installed-package.ts'
import { vitest } from './test-runners.ts'

const { folder, remove } = await installPackage()
const CLI = join(folder, 'node_modules/identity-edge/dist/cli.js')

afterAll(async () => {
  await cleanUp()
  await remove()
})

const node = (...args: string[]) => runCommand({ CI: '' }, process.execPath, CLI, ...args)

function runIn(cwd: string, file: string, args: string[]): Promise<{ code: number; out: string }> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env: { ...env, NO_COLOR: '1' } }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out: out + err })
    })
  })
}

describe('exec', () => {
  it('runs a command against a tenant of its own, and ends with its status', async () => {
    const script = `
      const { UIPATH_SERVICE_URL_IDENTITY: identity, UIPATH_URL, UIPATH_ORGANIZATION_ID: id, ...env } = process.env
      const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: env.UIPATH_CLIENT_ID,
        client_secret: env.UIPATH_CLIENT_SECRET })
      const { access_token } = await (await fetch(identity + '/connect/token', { method: 'POST', body })).json()
      const headers = { authorization: 'Bearer ' + access_token }
      const { status } = await fetch(UIPATH_URL + '/identity_/api/Group/' + id, { headers })
      const control = { authorization: 'Bearer ' + env.CONTROL_TOKEN }
      const tenant = env.IDENTITY_EDGE_URL + '/_control/tenants/' + env.IDENTITY_EDGE_TENANT
      console.log(status, (await (await fetch(tenant, { headers: control })).json()).id === id)
      process.exit(7)`
    const command = node('exec', '--', process.execPath, '--input-type=module', '-e', script)

    expect(await command.exit).toEqual({ code: 7, signal: null })
    expect(command.output()).toBe('200 true\n')
  })

  it('hands on signals, and ends with the status of a shell', async () => {
    const command = node('exec', '--', 'sh', '-c', 'echo ready; exec sleep 60')
    await until('it runs', async () => command.output().includes('ready'))
    process.kill(command.group, 'SIGTERM')

    expect(await command.exit).toEqual({ code: 143, signal: null })
  })

  it('says which command there is not', async () => {
    const command = node('exec', '--', 'no-such-command')

    expect(await command.exit).toEqual({ code: 1, signal: null })
    expect(command.output()).toBe('identity-edge: no-such-command could not be run: there is no such command\n')
  })
})

it('seals the secrets of the documented organization for this server alone, and they hold', async () => {
  const command = node('--ephemeral', '--port', '0')
  await until('it is ready', async () => /^ready on \S+$/m.test(command.output()))
  const [, url = ''] = /^ready on (\S+)$/m.exec(command.output()) ?? []
  const headers = { authorization: `Bearer ${await fetchToken(url)}`, 'content-type': 'application/json' }
  const settings = await fetch(`${url}/identity_/api/Setting?partitionGlobalId=magic-7&key=Email.Smtp.Password`, {
    headers,
  })
  const body = JSON.stringify({ oldPassword: 'Alohomora-1', newPassword: 'Alohomora-22' })
  const changed = await fetch(`${url}/identity_/api/User/her-1909/changepassword`, { method: 'POST', headers, body })

  expect(await settings.json()).toMatchObject([{ value: 'protego-spell' }])
  expect(changed.status, await changed.text()).toBe(200)
})

it('a connection that is dropped on purpose leaves nothing in the output of a test', async () => {
  const script = `import { startTenant } from 'identity-edge/node'
    const tenant = await startTenant()
    const headers = { authorization: 'Bearer ' + (await tenant.token()) }
    for (const kind of ['drop', 'truncate']) {
      await tenant.fault({ kind, times: 1 })
      const url = tenant.url + '/identity_/api/Group/' + tenant.id
      await fetch(url, { headers }).then((response) => response.text()).catch(() => console.log(kind))
    }
    await tenant.stop()`
  const { out } = await runIn(folder, process.execPath, ['--input-type=module', '-e', script])

  expect(out).toBe('drop\ntruncate\n')
})

describe('init', () => {
  async function init(name: string, manifest: string, text: string) {
    const project = join(folder, name)
    await mkdir(project)
    await writeFile(join(project, manifest), text)
    return { project, ...(await runIn(project, process.execPath, [CLI, 'init'])) }
  }

  it('writes a seed and a test that passes under node:test', async () => {
    const { project, out } = await init('with-node', 'package.json', '{}')
    expect(out).toContain('found node:test\nwrote identity-edge.seed.jsonc\nwrote identity-edge.test.mjs\n')
    const tested = await runIn(project, process.execPath, ['--test', '--test-reporter=tap', 'identity-edge.test.mjs'])

    expect(tested.out).toMatch(/^# pass 1$/m)
  })

  it('writes one that passes under vitest', async () => {
    const { project } = await init('with-vitest', 'package.json', '{"devDependencies":{"vitest":"5"}}')
    const [seed, test] = ['identity-edge.seed.jsonc', 'identity-edge.test.mjs'].map((file) => join(project, file))
    await writeFile(join(folder, 'identity-edge.seed.jsonc'), await readFile(String(seed)))

    expect(await vitest(folder, 'forks', await readFile(String(test), 'utf8'))).toMatch(/^ +Tests +1 passed \(1\)$/m)
  })

  it.each([
    ['Jest', 'package.json', '{"devDependencies":{"jest":"30"}}', 'identity-edge.test.js'],
    ['Mocha', 'package.json', '{"devDependencies":{"mocha":"11"}}', 'test/identity-edge.mjs'],
    ['Playwright', 'package.json', '{"devDependencies":{"@playwright/test":"1"}}', 'identity-edge.spec.mjs'],
    ['pytest', 'requirements.txt', 'pytest==8.4.0\n', 'test_identity_edge.py'],
  ])('finds %s', async (runner, manifest, text, file) => {
    const { out } = await init(`with-${runner}`, manifest, text)

    expect(out).toContain(`found ${runner}\nwrote identity-edge.seed.jsonc\nwrote ${file}\n`)
  })

  it('leaves what is there, and says so where there is no project', async () => {
    const { project } = await init('twice', 'package.json', '{}')
    await writeFile(join(project, 'identity-edge.test.mjs'), '// mine')
    const again = await runIn(project, process.execPath, [CLI, 'init'])
    await mkdir(join(folder, 'empty'))
    const nowhere = await runIn(join(folder, 'empty'), process.execPath, [CLI, 'init'])

    expect(again.out).toContain('identity-edge.test.mjs is there already')
    expect(await readFile(join(project, 'identity-edge.test.mjs'), 'utf8')).toBe('// mine')
    expect(nowhere).toMatchObject({ code: 1, out: expect.stringContaining('identity-edge: no project was found here') })
  })
})

/** The status of a request to `url` that names another host. */
const statusAt = (url: string, host: string) =>
  new Promise((resolve, reject) => {
    const call = request(`${url}/health`, { headers: { host } }, (response) => {
      resolve(response.resume().statusCode)
    })
    call.on('error', reject).end()
  })

const own = Object.values(networkInterfaces())
  .flatMap((addresses = []) => addresses)
  .filter(({ family, internal }) => family === 'IPv4' && !internal)

describe('--host', () => {
  it('is reached at the addresses of the machine and by names that are allowed, with a control token of its own', async () => {
    const command = node('--ephemeral', '--port', '0', '--host', '0.0.0.0', '--allowed-host', 'identity')
    await until('it is ready', async () => command.output().includes('curl '))
    const [, url = '', port = ''] = /^ready on (\S+?(\d+))$/m.exec(command.output()) ?? []
    const [, token = ''] = /_control, token (\S+)$/m.exec(command.output()) ?? []
    const tenants = (key: string) => fetch(`${url}/_control/tenants`, { headers: { authorization: `Bearer ${key}` } })

    expect(command.output()).toContain('other machines can reach it')
    for (const { address } of own) expect((await fetch(`http://${address}:${port}/health`)).status).toBe(200)
    expect(await fetchToken(url)).toMatch(/^eyJ/)
    expect(await statusAt(url, `identity:${port}`)).toBe(200)
    expect(await statusAt(url, `evil.example:${port}`)).toBe(421)
    expect((await tenants(token)).status).toBe(200)
    expect((await tenants('local-control')).status).toBe(401)
  })
})
