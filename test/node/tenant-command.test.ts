// `identity-edge tenant …` as a shell sees it: what it prints, and with which status it ends.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { repository } from '../../src/node/local/repository.ts'
import { openServer } from '../../src/node/runtime/server.ts'

const CLI = 'src/node/cli/cli.ts'

const deployment = await openServer(repository, { variables: { CONTROL_TOKEN: 'local-control' } })
const folder = await mkdtemp(join(tmpdir(), 'seed-'))
const seedFile = join(folder, 'gringotts.json')
await writeFile(seedFile, JSON.stringify({ settings: [{ key: 'Vault', value: '713' }] }))

afterAll(async () => {
  await deployment.stop()
  await rm(folder, { recursive: true })
})

interface Outcome {
  code: number
  out: string
  err: string
}

function run(args: string[], variables: Record<string, string> = {}): Promise<Outcome> {
  const env = { ...process.env, IDENTITY_EDGE_URL: deployment.url, CI: '', ...variables }
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], { env }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err })
    })
  })
}

const tenant = (line: string) => run(['tenant', ...line.split(' ')])

it('makes, lists and removes tenants', async () => {
  const made = await tenant('create --name ci-1 --ttl 60')
  expect(made).toMatchObject({ code: 0, err: '' })
  expect(made.out).toMatch(
    /^name {5}ci-1\nid {7}\S+\nurl {6}\S+\/ci-1\nexpires {2}20\S+\nkey {6}ie_tenant_\S+\nclient {3}ci-1-admin \S+\nclient {3}ci-1-reader \S+\ntoken {4}\S+\n$/,
  )
  expect((await tenant('list')).out).toMatch(/^ci-1 {2}\S+\/ci-1 {2}20\S+$/m)

  expect(await tenant('delete --name ci-1')).toEqual({ code: 0, out: 'ci-1 is removed\n', err: '' })
  expect((await tenant('list')).out).not.toContain('ci-1')
})

it('makes, lists and revokes keys of teams, and takes them in place of the control token', async () => {
  const made = await tenant('key create --team crew --tenants 2 --ttl 60')
  const [, key = '', id = ''] = /^key {6}(ie_team_\S+)\nid {7}(key-\S+)\nteam {5}crew\n/.exec(made.out) ?? []
  expect((await tenant('key list')).out).toMatch(new RegExp(`^id {7}${id}\\nteam {5}crew\\n`, 'm'))
  expect(await run(['tenant', 'create', '--name', 'of-the-crew'], { CONTROL_TOKEN: key })).toMatchObject({ code: 0 })
  expect((await run(['tenant', 'list'], { CONTROL_TOKEN: key })).out).toMatch(/^of-the-crew {2}\S+ {2}20\S+\n$/)
  const refused = await run(['tenant', 'delete', '--name', 'gringotts', '--control-token', key])
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('There is no such tenant.') })
  const forbidden = await run(['tenant', 'key', 'create', '--team', 'crew'], { CONTROL_TOKEN: key })
  expect(forbidden).toMatchObject({ code: 1, err: expect.stringContaining('createKey takes the control token.') })

  expect(await tenant(`key revoke --id ${id}`)).toMatchObject({ code: 0 })
  const revoked = await run(['tenant', 'list'], { CONTROL_TOKEN: key })
  expect(revoked).toMatchObject({ code: 1, err: expect.stringContaining('the control token is wrong') })
})

it('prints JSON when told to', async () => {
  const made = JSON.parse((await tenant('create --json')).out)
  expect(made).toMatchObject({
    name: expect.any(String),
    url: expect.any(String),
    clients: [expect.anything(), expect.anything()],
  })

  expect(JSON.parse((await tenant('list --json')).out)).toContainEqual(expect.objectContaining({ name: made.name }))
})

it('loads a seed file into a tenant that it makes, resets it and dumps it', async () => {
  const seed = ['tenant', 'load', '--seed', seedFile]
  expect(await run(seed)).toMatchObject({ code: 0, out: expect.stringMatching(/^name {5}gringotts\n/) })
  expect(await run(seed)).toMatchObject({ code: 0, out: `gringotts holds what ${seedFile} says\n` })
  expect(await tenant('reset --name gringotts')).toMatchObject({ code: 0, out: 'gringotts is back at its seed\n' })

  const dump = await tenant('dump --name gringotts')
  expect(JSON.parse(dump.out)).toMatchObject({ settings: [{ key: 'Vault', value: '713' }] })
})

it('forks one, keeps its state, and goes back to it', async () => {
  await tenant('create --name root')
  expect((await tenant('fork --name root --as branch')).out).toMatch(/^name {5}branch$/m)
  expect((await tenant('snapshot --name branch --snapshot before')).out).toBe('branch is kept as before\n')
  const before = await tenant('dump --name branch')
  await run(['tenant', 'load', '--name', 'branch', '--seed', seedFile])
  expect((await tenant('restore --name branch --snapshot before')).out).toBe('branch is back at before\n')
  expect(await tenant('dump --name branch')).toEqual(before)
})

it('lets requests go wrong, lists what is armed and clears it', async () => {
  await tenant('create --name faulty')
  const armed = await tenant('fault --name faulty --operation Group_GetGroup --status 503 --times 2')
  expect(armed.out).toMatch(/^armed \S+ {2}operation="Group_GetGroup".* {2}status=503 {2}times=2.* {2}hits=0\n$/)
  expect((await tenant('fault --name faulty')).out).toBe(armed.out.replace('armed ', ''))
  expect((await tenant('fault --name faulty --scenario read-only')).out).toBe('faulty is read-only\n')
  expect((await tenant('fault --name faulty --scenario throttled')).code).toBe(0)
  expect(JSON.parse((await tenant('fault --name faulty --json')).out)).toHaveLength(5)
  expect((await tenant('fault --name faulty --scenario throtled')).err).toContain('did you mean throttled?')
  expect((await tenant('fault --name faulty --clear')).out).toBe('faulty has no faults\n')
  expect((await tenant('fault --name faulty --json')).out).toBe('[]\n')
})

it('prints and moves the clock', async () => {
  await tenant('create --name late')
  expect((await tenant('clock --name late')).out).toContain(', the real time\n')
  const moved = await tenant('clock --name late --set 2030-01-01T00:00:00Z --advance 1000')
  expect(moved.out).toMatch(/^2030-01-01T00:00:01\S*, stands still\n$/)
  expect((await tenant('clock --name late --release')).out).toContain(', the real time\n')
})

it('prints tokens, scopes, and the requests that were made', async () => {
  const { url, id } = JSON.parse((await tenant('create --name heard --journal --json')).out)
  const token = (await tenant('token --name heard --scope PM.Group.Read --scope PM.Setting.Read')).out.trim()
  const headers = { authorization: `Bearer ${token}` }
  expect((await fetch(`${url}/identity_/api/Group/${id}`, { headers })).status).toBe(200)
  const curl = await tenant('journal --name heard --format curl')
  expect(curl.out).toMatch(
    /^# 1 \S+ 200 Group_GetGroups\ncurl -X GET '\S+' \\\n {2}-H 'authorization: Bearer '"\$TOKEN"/,
  )
  expect(JSON.parse((await tenant('journal --name heard --format har')).out).log.entries).toHaveLength(1)
  expect((await tenant('journal --name heard --format http')).out).toMatch(/^@origin = /)
  expect((await tenant('journal --name heard --format hra')).err).toContain('there is no format hra; did you mean har?')
  const [, payload = ''] = token.split('.')
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString()).scope).toEqual(['PM.Group.Read', 'PM.Setting.Read'])
  expect((await tenant('journal --name heard')).out).toMatch(
    /^\S+ GET \S+\/api\/Group\/\S+ 200 \d+ ms Group_GetGroups?\S*\n$/,
  )
  expect((await tenant('journal --name heard --status 404')).out).toBe('')
  expect((await tenant('scopes')).out).toMatch(/^PM\.Group\nPM\.Group\.Read\n/)
})

it('removes what is made in CI after a day, unless told otherwise', async () => {
  const made = await run(['tenant', 'create', '--json'], { CI: 'true' })
  const { createdAt, expiresAt } = JSON.parse(made.out)
  expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(24 * 3_600_000)
})

it('npm run seed loads a file', async () => {
  const env = { ...process.env, IDENTITY_EDGE_URL: deployment.url }
  const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'seed', '--', seedFile], { env })

  expect(stdout).toContain('gringotts')
})

describe('status 2 and a hint for', () => {
  it.each([
    ['tenant', 'tenant needs a command'],
    ['tenant forge', 'there is no command tenant forge'],
    ['tenant list more', 'more means nothing to tenant list'],
    ['tenant key', 'there is no command tenant key'],
    ['tenant key forge', 'there is no command tenant key forge'],
    ['tenant key create', 'this command needs --team TEAM'],
    ['tenant key revoke', 'this command needs --id ID'],
    ['tenant key list --team crew', '--team means nothing to tenant key list'],
    ['tenant reset', 'this command needs --name NAME'],
    ['tenant load', 'tenant load needs --seed FILE'],
    ['tenant create --ttl soon', '--ttl must be a whole number of seconds, not soon'],
    ['tenant list --url nowhere', '--url must be a URL with http:// or https://, not nowhere'],
    ['tenant list --lod', 'there is no option --lod'],
    ['--ephemeral --state here', '--state and --ephemeral exclude each other'],
    ['serve', 'there is no command serve; there are exec, init and tenant.'],
  ])('%s', async (line, reason) => {
    const outcome = await run(line.split(' '))

    expect(outcome).toMatchObject({ code: 2, out: '' })
    expect(outcome.err).toContain(`identity-edge: ${reason}`)
    expect(outcome.err).toContain('See identity-edge --help.\n')
  })
})

describe('status 1 and one line for', () => {
  it.each([
    ['tenant delete --name unknown', 'DELETE /_control/tenants/unknown answered 404: There is no such tenant.'],
    ['tenant list --control-token wrong', 'the control token is wrong; see --control-token'],
    ['tenant list --url http://127.0.0.1:1', 'nothing runs there; see --url'],
    ['tenant load --seed README.md', 'README.md is not JSON: '],
    ['--port 65536', '--port must be a whole number from 0 to 65535, not "65536"'],
  ])('%s', async (line, reason) => {
    const outcome = await run(line.split(' '))

    expect(outcome).toMatchObject({ code: 1, out: '' })
    expect(outcome.err).toMatch(/^[^\n]+\n$/)
    expect(outcome.err).toContain(`identity-edge: ${reason}`)
  })
})

it('explains itself', async () => {
  expect(await run(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('Usage: identity-edge') })
  expect(await run(['tenant', '--help'])).toMatchObject({ code: 0, out: expect.stringContaining('tenant create') })
  const fork = await run(['tenant', 'fork', '--help'])
  expect(fork.out).toMatch(/^Usage: identity-edge tenant fork/)
  expect(fork.out).toContain('--as NAME')
  expect(fork.out).not.toContain('--seed')
  expect((await run(['exec', '--help'])).out).toContain('UIPATH_ORGANIZATION_ID')
  expect((await run(['init', '-h'])).out).toContain('Usage: identity-edge init')
})
