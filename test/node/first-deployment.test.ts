// `npm run deploy` as it is, with the real wrangler, into an account that is empty.
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CloudflareApi } from './cloudflare-api.ts'
import { cleanUp, runCommand } from './command.ts'

const ENV = 'first'
let api: CloudflareApi

beforeAll(async () => {
  api = await CloudflareApi.start()
})
afterAll(async () => {
  await cleanUp()
  await api.stop()
  rmSync(`wrangler.deploy.${ENV}.json`, { force: true })
  rmSync(`dist/deploy/identity-edge-${ENV}`, { recursive: true, force: true })
})

async function deploy(): Promise<{ code: number | null; output: string }> {
  const command = runCommand(api.env, 'npm', 'run', '--silent', 'deploy', '--', '--env', ENV, '--location', 'weur')
  const { code } = await command.exit
  return { code, output: command.output() }
}

it('a first run creates all there is, and what it deploys answers; a second one changes nothing', async () => {
  const first = await deploy()
  expect(first).toEqual({ code: 0, output: expect.stringContaining('token: ok, and settings answer to it') })
  expect(first.output).toContain(`read replication of identity-edge-${ENV}: switched on`)
  expect(api.databases.get(`identity-edge-${ENV}`)).toMatchObject({
    primary_location_hint: 'weur',
    read_replication: { mode: 'auto' },
  })
  expect(first.output).toContain(`serving on https://identity-edge-${ENV}.`)
  const worker = api.workers.get(`identity-edge-${ENV}`)
  expect([...(worker?.secrets.keys() ?? [])].sort()).toEqual(['CONTROL_TOKEN', 'ENCRYPTION_KEY', 'SIGNING_KEY'])
  expect([...(worker?.upload.parts.keys() ?? [])]).toContain('index.js.map')
  expect(worker?.upload.metadata.annotations?.['workers/tag']).toMatch(/^[0-9a-f]{16}$/)
  // Its console and its documents, which are uploaded beside it.
  expect(await api.get(`identity-edge-${ENV}`, '/_control/')).toEqual({
    status: 200,
    text: expect.stringContaining('/_control/console/console.js'),
  })
  expect((await api.get(`identity-edge-${ENV}`, '/_control/console/console.js')).status).toBe(200)
  expect((await api.get(`identity-edge-${ENV}`, '/')).status).toBe(404)
  const changes = [...api.changes]

  const second = await deploy()
  expect(second).toEqual({ code: 0, output: expect.stringContaining('serves this version already') })
  expect(api.changes).toEqual(changes)
  expect(api.unknown).toEqual([])
}, 120_000)
