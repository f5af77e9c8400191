// What somebody gets who mistypes an option of the library or a word on a command line: what was meant, and nothing done.
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { afterAll, describe, expect, it } from 'vitest'
import { ControlClient } from '../../src/node/library/control-client.ts'
import { connectTenant, startTenant } from '../../src/node/library/library.ts'
import { TestTenant } from '../../src/node/library/test-tenant.ts'

/** Counts requests, of which there may be none, and refuses each as the control plane does. */
let requests = 0
const DETAIL = 'there is no operation Group_Update; did you mean Group_UpdateGroup?'
const plane = createServer((_, response) => {
  requests += 1
  response.writeHead(400, { 'content-type': 'application/problem+json' })
  response.end(JSON.stringify({ title: 'Bad Request', status: 400, detail: DETAIL, errors: { operation: [DETAIL] } }))
})
await new Promise<void>((resolve) => plane.listen(0, '127.0.0.1', resolve))
const address = plane.address()
const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`
afterAll(() => new Promise((resolve) => plane.close(resolve)))

const description = {
  ...{ id: 'misused', name: 'misused', url, team: null, createdAt: null, expiresAt: null },
  ...{ key: '', clients: [], users: [] },
}
const tenant = new TestTenant(new ControlClient(url, 'token'), description, async () => {})

/** Options as only somebody without a compiler can pass them. */
const untyped = (json: object) => JSON.parse(JSON.stringify(json))

const CALLS: [said: string, call: () => Promise<unknown>][] = [
  ['startTenant: seeed is not known; did you mean seed?', () => startTenant(untyped({ seeed: {} }))],
  [
    'startTenant: stateDirectory is not known; did you mean stateDir?',
    () => startTenant(untyped({ stateDirectory: 'x' })),
  ],
  ['startTenant: Port is not known; did you mean port?', () => startTenant(untyped({ Port: 5 }))],
  ['startTenant: ttl is not known', () => startTenant(untyped({ ttl: 5 }))],
  ['startTenant takes an object of options', () => startTenant(untyped(['seed.json'])[0])],
  [
    'connectTenant: controltoken is not known; did you mean controlToken?',
    () => connectTenant(untyped({ url, controltoken: 'x' })),
  ],
  [
    'connectTenant: url must be a URL with http:// or https://, not undefined',
    () => connectTenant(untyped({ controlToken: 'x' })),
  ],
  [
    'connectTenant: url must be a URL with http:// or https://, not localhost:8787',
    () => connectTenant({ url: 'localhost:8787', controlToken: 'x' }),
  ],
  [
    'connectTenant: tll is not known; did you mean ttl?',
    () => connectTenant(untyped({ url, controlToken: 'x', tll: 5 })),
  ],
  ['fork: nmae is not known; did you mean name?', () => tenant.fork(untyped({ nmae: 'x' }))],
  [
    'fork: seed is not known; there are name, ttl, journal, passwordless and token.',
    () => tenant.fork(untyped({ seed: {} })),
  ],
  ['token: scope is not known; did you mean scopes?', () => tenant.token(untyped({ scope: [] }))],
  ['token: expires is not known; did you mean expiresIn?', () => tenant.token(untyped({ expires: 5 }))],
  ['fault: operatoin is not known; did you mean operation?', () => tenant.fault(untyped({ operatoin: 'x' }))],
  ['fault: time is not known; did you mean times?', () => tenant.faults.arm(untyped({ status: 503, time: 1 }))],
  [
    'journal.entries: operations is not known; did you mean operation?',
    () => tenant.journal.entries(untyped({ operations: 'x' })),
  ],
  ['journal.count: statsu is not known; did you mean status?', () => tenant.journal.count(untyped({ statsu: 200 }))],
  ['journal.count: counts is not known', () => tenant.journal.count(untyped({ counts: 200 }))],
  [
    'journal.waitFor: timeOut is not known; did you mean timeout?',
    () => tenant.journal.waitFor(untyped({ timeOut: 5 })),
  ],
  ['journal.waitFor: limit is not known', () => tenant.journal.waitFor(untyped({ limit: 5 }))],
  [
    'clock.set: freeze is not known; did you mean frozen?',
    () => tenant.clock.set('2021-10-20T12:00:00Z', untyped({ freeze: true })),
  ],
]

describe('the library refuses, before it asks anything,', () => {
  it.each(CALLS)('%s', async (said, call) => {
    const error = await call().catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'TypeError', message: expect.stringContaining(said) })
    expect(requests).toBe(0)
  })
})

it('where nothing runs, that is said', async () => {
  const nowhere = 'http://127.0.0.1:1'
  await expect(connectTenant({ url: nowhere, controlToken: 'x' })).rejects.toMatchObject({
    message: `nothing runs at ${nowhere}`,
    code: 'ECONNREFUSED',
  })
})

it('what the control plane says against a call reaches whoever made it', async () => {
  // @ts-expect-error there is no such operation
  await expect(tenant.fault({ operation: 'Group_Update', status: 503 })).rejects.toMatchObject({
    name: 'ControlError',
    status: 400,
    message: `POST /_control/tenants/misused/faults answered 400: ${DETAIL}`,
  })
})

const COMMANDS: [line: string, said: string, code: 1 | 2][] = [
  ['cli/cli.ts tennant list', 'there is no command tennant; did you mean tenant?', 2],
  ['cli/cli.ts tenant crate', 'there is no command tenant crate; did you mean tenant create?', 2],
  ['cli/cli.ts --prot 8787', 'there is no option --prot; did you mean --port?', 2],
  ['cli/cli.ts --port', "Option '--port <value>' argument missing", 2],
  ['cli/cli.ts --port --ephemeral', "Option '--port' argument is ambiguous", 2],
  ['cli/cli.ts tenant create --tll 5', 'there is no option --tll; did you mean --ttl?', 2],
  ['cli/cli.ts tenant list --ttl 5', '--ttl means nothing to tenant list', 2],
  ['cli/cli.ts tenant delete --name x --journal', '--journal means nothing to tenant delete', 2],
  ['cli/cli.ts tenant create --json=yes', "Option '--json' does not take an argument", 2],
  ['local/start.ts --prot 8787', 'there is no option --prot; did you mean --port?', 1],
  ['cli/cli.ts --host example.com', '--host must be an IP address, such as 0.0.0.0, not example.com', 2],
  ['cli/cli.ts --allowed-host http://x', '--allowed-host must be a name without scheme and port, not http://x', 2],
  ['cli/cli.ts exec pytest', 'exec needs a command behind --', 2],
  ['cli/cli.ts init here', 'here means nothing to init', 2],
  ['local/dev.ts --port 8787', '--port means nothing to npm run dev', 1],
  ['deploy/deploy.ts --evn prod', 'there is no option --evn; did you mean --env?', 1],
  ['deploy/deploy.ts prod', "prod means nothing to npm run deploy; a deployment's name is --env NAME", 1],
  ['deploy/deploy.ts --rotate SIGNINGKEY', 'there is no secret to rotate SIGNINGKEY; did you mean SIGNING_KEY?', 1],
  ['backup/backup.ts --remot', 'there is no option --remot; did you mean --remote?', 1],
  ['backup/backup.ts one two', 'two is a file too many', 1],
  ['backup/backup.ts --env prod', '--env NAME goes with --remote', 1],
  ['backup/restore.ts', 'a file is missing', 1],
  ['backup/restore.ts one --replce', 'there is no option --replce; did you mean --replace?', 1],
  ['backup/restore.ts one --remote --replace', '--replace is for STATE_DIR', 1],
  ['deploy/rotate-secrets.ts nowhere', 'npm run rotate-secrets takes one URL, not nowhere', 1],
  ['deploy/rotate-secrets.ts --url x', 'there is no option --url', 1],
]

describe('the command line refuses in one line', () => {
  it.each(COMMANDS)('%s', async (line, said, code) => {
    const [script = '', ...args] = line.split(' ')
    const outcome = await new Promise((resolve) => {
      execFile(process.execPath, [`src/node/${script}`, ...args], (error, out, err) => {
        resolve({ code: error?.code, out, err })
      })
    })
    expect(outcome).toEqual({ code, out: '', err: expect.stringContaining(said) })
    expect(outcome).toMatchObject({ err: expect.stringMatching(/^[^\n]+\n$/) })
  })
})
