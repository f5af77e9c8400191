// A deployment that is killed while wrangler uploads leaves no file with secrets, and the next run completes it.
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from './command.ts'
import { Deployments } from './deployments.ts'

let deployments: Deployments
let place: string

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'killed-'))
  deployments = await Deployments.start('killed')
})
afterAll(async () => {
  await deployments.stop()
  rmSync(place, { recursive: true, force: true })
})

/** The files with secrets that there are, with their permissions. */
const secretFiles = () =>
  readdirSync(place, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('secrets.json'))
    .map((name) => statSync(join(place, name)).mode & 0o777)

/** Ends the process of a run, by the id in the name of its temporary directory, once its upload has come. */
async function killed(signal: NodeJS.Signals) {
  const during: number[][] = []
  deployments.api.failing = (call) => {
    if (call !== 'PUT workers/scripts/:') return undefined
    // Wrangler begins a call anew that was cut, which may be before it is ended.
    if (during.length > 0) return 'cut'
    during.push(secretFiles())
    const [pid] = readdirSync(place).flatMap((name) => /^identity-edge-\w{8}-(\d+)-/.exec(name)?.[1] ?? [])
    process.kill(Number(pid), signal)
    return 'cut'
  }
  const run = await deployments.deploy([], { TMPDIR: place })
  await until(
    'its wrangler has ended',
    async () => !(await promisify(execFile)('ps', ['-axo', 'command='])).stdout.includes(place),
  )
  deployments.api.failing = () => undefined
  return { ...run, during: during.flat() }
}

it('SIGTERM: the file, which its owner alone could read, is removed at once, and what to do is said', async () => {
  const { code, during, lastLine } = await killed('SIGTERM')
  expect({ code, during }).toEqual({ code: 143, during: [0o600] })
  expect(lastLine).toContain('Then run it again: npm run deploy -- --env killed')
  await until('the file is gone', async () => secretFiles().length === 0)
}, 120_000)

it('SIGKILL: it is removed by the next run, which completes the deployment', async () => {
  const { during } = await killed('SIGKILL')
  expect(during).toEqual([0o600])
  const client = [...deployments.shown].filter(([name]) => name === 'ADMIN_CLIENT_SECRET')
  expect(await deployments.deploy([], { TMPDIR: place, ...Object.fromEntries(client) })).toMatchObject({ code: 0 })
  expect(secretFiles()).toEqual([])
  deployments.expectNothingLost()
}, 120_000)
