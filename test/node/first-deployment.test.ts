// `npm run deploy` as it is, with the real wrangler, into an account that is empty.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Deployments } from './deployments.ts'

let deployments: Deployments

beforeAll(async () => {
  deployments = await Deployments.start('first')
})
afterAll(() => deployments.stop())

const times = (output: string, part: string | undefined) => output.split(String(part)).length - 1

it('a first run creates all there is, and what it deploys answers; a second one changes nothing', async () => {
  const { api, worker: name, shown } = deployments
  const first = await deployments.deploy()
  expect(first).toMatchObject({ code: 0, output: expect.stringContaining('token: ok, and settings answer to it') })
  expect(first.output).toContain(`serving on https://${name}.`)
  expect(first.output).toContain(`read replication of ${name}: switched on`)
  deployments.expectNothingLost()
  // Each secret that somebody has to know is shown once, the signing key never, and the database has only a hash.
  for (const secret of ['ADMIN_CLIENT_SECRET', 'CONTROL_TOKEN', 'ENCRYPTION_KEY']) {
    expect(times(first.output, shown.get(secret))).toBe(1)
  }
  const worker = api.workers.get(name)
  expect(worker?.secrets.get('SIGNING_KEY')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
  expect(first.output).not.toContain('PRIVATE KEY')
  const [client] = await api.d1.rows(name, 'select * from clients')
  expect(client).toMatchObject({ id: 'admin', host_admin: 1 })
  expect(JSON.stringify(client)).not.toContain(shown.get('ADMIN_CLIENT_SECRET'))
  expect([...(worker?.upload.parts.keys() ?? [])]).toContain('index.js.map')
  expect(worker?.upload.metadata.annotations?.['workers/tag']).toMatch(/^[0-9a-f]{16}$/)
  // Its console and its documents, which are uploaded beside it.
  expect(await api.get(name, '/_control/')).toEqual({
    status: 200,
    text: expect.stringContaining('/_control/console/console.js'),
  })
  expect((await api.get(name, '/_control/console/console.js')).status).toBe(200)
  expect((await api.get(name, '/')).status).toBe(404)
  const changes = [...api.changes]

  const second = await deployments.deploy()
  expect(second).toMatchObject({ code: 0, output: expect.stringContaining('serves this version already') })
  expect(second.output).toContain(`read replication of ${name}: is on`)
  for (const [, secret] of shown) expect(second.output).not.toContain(secret)
  expect(api.changes).toEqual(changes)
  expect(api.unknown).toEqual([])
}, 120_000)
