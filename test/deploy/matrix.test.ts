// Every call to Cloudflare's API fails once, in each kind of run: the run ends well, or says in its last lines what to do; no
// secret that is in service was not shown; and the same command, run again, completes it.
import { expect, it } from 'vitest'
import type { Failure } from '../node/cloudflare-api.ts'
import { Deployments, type DeployRun } from '../node/deployments.ts'

const REFUSED: Failure = { status: 403, code: 10000, message: 'Authentication error' }
const BROKEN: Failure = { status: 500, code: 1, message: 'internal error' }
/** The calls of a run take them in turn. */
const FAILURES = ['cut', REFUSED, 'lost', BROKEN] as const

/** Longer than any scenario on a slow machine. */
const TIMEOUT_MS = 3_600_000

interface Scenario {
  args: readonly string[]
  /** Whether there is a deployment already. */
  deployed: boolean
  /** Whether this machine knows nothing of it. */
  clone?: boolean
}

it.each<[string, Scenario]>([
  ['a first deployment', { args: [], deployed: false }],
  ['a second run', { args: [], deployed: true }],
  ['a second run from a clean clone', { args: [], deployed: true, clone: true }],
  ['--rotate CONTROL_TOKEN', { args: ['--rotate', 'CONTROL_TOKEN'], deployed: true }],
  ['--rotate SIGNING_KEY', { args: ['--rotate', 'SIGNING_KEY'], deployed: true }],
  ['--rotate ADMIN_CLIENT_SECRET', { args: ['--rotate', 'ADMIN_CLIENT_SECRET'], deployed: true }],
])(
  '%s',
  async (_, scenario) => {
    const calls = await callsOf(scenario)
    expect(calls.length).toBeGreaterThan(5)
    let deployments = await begin(scenario)
    try {
      for (const [index, call] of calls.entries()) {
        const failure = FAILURES[index % FAILURES.length] ?? 'cut'
        const run = await failingAt(deployments, index, failure, scenario)
        expectGuidance(run, `call ${index + 1} of ${calls.length}, ${call}, ${JSON.stringify(failure)}`)
        await deployments.expectCompletion(scenario.args)
        if (scenario.deployed) continue
        await deployments.stop()
        deployments = await begin(scenario)
      }
    } finally {
      await deployments.stop()
    }
  },
  TIMEOUT_MS,
)

it(
  'an account without a workers.dev subdomain is told where to register one',
  async () => {
    const deployments = await Deployments.start('matrix')
    try {
      const none: Failure = { status: 404, code: 10007, message: 'You need to register a workers.dev subdomain' }
      const run = await deployments.failingAt('GET workers/subdomain', none)
      expectGuidance(run, 'no subdomain')
      expect(run.output).toContain('open Workers & Pages in the dashboard once: it registers the subdomain')
      await deployments.expectCompletion()
    } finally {
      await deployments.stop()
    }
  },
  TIMEOUT_MS,
)

async function begin({ deployed }: Scenario): Promise<Deployments> {
  const deployments = await Deployments.start('matrix')
  if (deployed) await deployments.expectCompletion()
  return deployments
}

/** The calls of a run in which nothing fails. */
async function callsOf(scenario: Scenario): Promise<string[]> {
  const deployments = await begin(scenario)
  if (scenario.clone) deployments.forget()
  const before = deployments.api.calls.length
  await deployments.deploy(scenario.args)
  await deployments.stop()
  return deployments.api.calls.slice(before)
}

/** A run whose call of that number fails. What is refused is refused for as long as the run lasts, as by a token's rights. */
async function failingAt(deployments: Deployments, index: number, failure: Failure, { args, clone }: Scenario) {
  const { api } = deployments
  if (clone) deployments.forget()
  const begin = api.calls.length
  let refused: string | undefined
  api.failing = (call) => {
    if (api.calls.length - 1 - begin === index) refused = call
    const again = failure === REFUSED && call === refused
    return again || api.calls.length - 1 - begin === index ? failure : undefined
  }
  const run = await deployments.deploy(args)
  api.failing = () => undefined
  return run
}

function expectGuidance({ code, output, lastLine }: DeployRun, when: string): void {
  expect(output, when).not.toMatch(/^ {4}at /m)
  if (code === 0) return
  expect(lastLine, `${when}: ${output}`).toContain('Then run it again: npm run deploy -- --env matrix')
  const [reason = ''] = output.trim().split('\n').slice(-2)
  expect(reason.length, `${when}: ${output}`).toBeGreaterThan(20)
}
