// `npm run deploy` with the real wrangler while Cloudflare's API fails: each run says in its last line what to do, the next one
// goes on, and no secret that came into service was not shown. `npm run test:deploy` lets every call fail in turn.
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Failure } from './cloudflare-api.ts'
import { Deployments } from './deployments.ts'

const REFUSED: Failure = { status: 403, code: 10000, message: 'Authentication error' }
const NO_TRIGGER: Failure = { status: 400, code: 10072, message: 'The limit of cron triggers is reached' }
const NO_SUCCESS: Failure = { status: 200, code: 10013, message: 'not now' }
let deployments: Deployments

beforeAll(async () => {
  deployments = await Deployments.start('failing')
})
afterAll(() => deployments.stop())

it.each<[string, string, Failure, string, RegExp?]>([
  ['the answer about the new database is lost', 'POST d1/database', 'lost', "Cloudflare's API gives no answer"],
  ['the network is cut in the migrations', 'POST d1/database/:/query', 'cut', 'failed', /d1_migrations/],
  ['an answer of 200 is no success', 'POST d1/database/:/query', NO_SUCCESS, '200: not now', /into [\\"]*clients/i],
  ['the answer about the new client is lost', 'POST d1/database/:/query', 'lost', 'no answer', /into [\\"]*clients/i],
  ['the token may not upload', 'PUT workers/scripts/:', REFUSED, 'lacks a permission'],
  ['the answer about the upload is lost', 'PUT workers/scripts/:', 'lost', 'wrangler deploy'],
  ['there is no cron trigger left', 'PUT workers/scripts/:/schedules', NO_TRIGGER, 'remove one, or the paid plan'],
])(
  '%s',
  async (_, call, failure, said, part) => {
    const run = await deployments.failingAt(call, failure, part)

    expect(run.code, run.output).toBe(1)
    expect(run.output).toContain(said)
    expect(run.output).not.toContain('\u001b')
    expect(run.output).not.toMatch(/^ {4}at /m)
    expect(run.lastLine, run.output).toContain('Then run it again: npm run deploy -- --env failing.')
  },
  120_000,
)

it(
  'is completed by the run behind them, with the secrets that were shown',
  () => deployments.expectCompletion(),
  120_000,
)
