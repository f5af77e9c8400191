// `npm run deploy` with the real wrangler while Cloudflare's API fails: each run says in its last line what to do, the next one
// goes on, and no secret that came into service was not shown.
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CloudflareApi, type Failure } from './cloudflare-api.ts'
import { cleanUp, runCommand } from './command.ts'

const REFUSED: Failure = { status: 403, code: 10000, message: 'Authentication error' }
const NO_TRIGGER: Failure = { status: 400, code: 10072, message: 'The limit of cron triggers is reached' }
const ENV = 'failing'
const WORKER = `identity-edge-${ENV}`
let api: CloudflareApi
const shown = new Map<string, string>()

async function deploy(env: Record<string, string> = {}) {
  const command = runCommand({ ...api.env, ...env }, 'npm', 'run', '--silent', 'deploy', '--', '--env', ENV)
  const { code } = await command.exit
  const output = command.output()
  for (const [, name = '', value = ''] of output.matchAll(/^ {2}([A-Z_]+)=([\w-]{43})$/gm)) shown.set(name, value)
  return { code, output, lastLine: output.trim().split('\n').at(-1) }
}

/** One run in which the calls that begin with `call`, and have `part` in their bodies, fail. */
async function failingAt(call: string, failure: Failure, part = /^/) {
  let failures = 0
  api.failing = (called, body) => {
    if (!called.startsWith(call) || !part.test(body)) return undefined
    failures++
    return failure
  }
  const run = await deploy()
  api.failing = () => undefined
  expect(failures, run.output).toBeGreaterThan(0)
  return run
}

const reset = async () => {
  rmSync(`wrangler.deploy.${ENV}.json`, { force: true })
  rmSync(`dist/deploy/${WORKER}`, { recursive: true, force: true })
  shown.clear()
  api = await CloudflareApi.start()
}
const end = async () => {
  await cleanUp()
  await api.stop()
  rmSync(`wrangler.deploy.${ENV}.json`, { force: true })
  rmSync(`dist/deploy/${WORKER}`, { recursive: true, force: true })
}

/** A run that succeeds: whatever is in service was shown, by a run that failed or by this one. */
async function expectCompletion() {
  const last = await deploy(Object.fromEntries([...shown].filter(([name]) => name === 'ADMIN_CLIENT_SECRET')))
  expect(last).toMatchObject({ code: 0, output: expect.stringContaining('token: ok, and settings answer to it') })
  const secrets = api.workers.get(WORKER)?.secrets
  expect([...(secrets?.keys() ?? [])].sort()).toEqual(['CONTROL_TOKEN', 'ENCRYPTION_KEY', 'SIGNING_KEY'])
  for (const name of ['CONTROL_TOKEN', 'ENCRYPTION_KEY']) expect(shown.get(name)).toBe(secrets?.get(name))
  expect([...api.databases.keys()]).toEqual([WORKER])
}

const AGAIN = `Then run it again: npm run deploy -- --env ${ENV}.`

describe('one deployment that fails six times, further on each time', () => {
  beforeAll(reset)
  afterAll(end)

  it.each<[string, string, Failure, RegExp?]>([
    ['the answer about the new database is lost', 'POST d1/database', 'lost'],
    ['the network is cut in the migrations', 'POST d1/database/:/query', 'cut'],
    ['the answer about the new client is lost', 'POST d1/database/:/query', 'lost', /insert into [\\"]*clients/i],
    ['the token may not upload', 'PUT workers/scripts/:', REFUSED],
    ['the answer about the upload is lost', 'PUT workers/scripts/:', 'lost'],
    ['there is no cron trigger left', 'PUT workers/scripts/:/schedules', NO_TRIGGER],
  ])(
    '%s',
    async (_, call, failure, part) => {
      const run = await failingAt(call, failure, part)

      expect(run.code, run.output).toBe(1)
      expect(run.lastLine, run.output).toContain(AGAIN)
    },
    120_000,
  )

  it('is completed by the seventh run, with the secrets that were shown', expectCompletion, 120_000)
})
