// The journal as HAR, as curl calls and as a `.http` file: the calls do what was done, and no secret is in any of them.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXPORTS } from '../../src/node/library/journal-export.ts'
import { startTestTenant } from '../../src/node/library/start-test-tenant.ts'
import { repository } from '../../src/node/local/repository.ts'

const run = promisify(execFile)
const tenant = await startTestTenant(repository, { seed: { clients: [{ id: 'service', secret: 'hush-hush' }] } })
const token = await tenant.token()
const { origin } = new URL(tenant.url)
afterAll(() => tenant.stop())

beforeAll(async () => {
  const settings = [
    { key: "It's $HOME `date`", value: '"quoted" \\ ünï' },
    { key: 'Email.Smtp.Password', value: 'hush-hush' },
  ]
  const form = { grant_type: 'client_credentials', client_id: 'service', client_secret: 'hush-hush' }
  const authorization = `Bearer ${token}`
  await fetch(`${tenant.url}/identity_/api/Group/${tenant.id}?$top=1&name=a%20b`, { headers: { authorization } })
  await fetch(`${tenant.url}/identity_/api/Setting`, {
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ partitionGlobalId: tenant.id, settings }),
  })
  await fetch(`${tenant.url}/identity_/connect/token`, { method: 'POST', body: new URLSearchParams(form) })
  await fetch(`${tenant.url}/identity_/api/Grup`)
})

test.each(['har', 'curl', 'http'] as const)('%s has placeholders where secrets were', async (format) => {
  const text = await tenant.journal.export(format)

  expect(text).toMatch(/\$TOKEN/)
  expect(text).toMatch(/\$CLIENT_SECRET/)
  for (const secret of ['hush-hush', token, 'eyJ']) expect(text).not.toContain(secret)
})

test('the curl calls, run by a shell, are answered as the requests were', async () => {
  const entries = await tenant.journal.entries()
  const script = `${EXPORTS.curl(entries, origin).replaceAll('curl -X', 'curl -s -o /dev/null -w "%{http_code} " -X')}`
  const { stdout } = await run('sh', ['-c', script], {
    env: { ...process.env, TOKEN: token, CLIENT_SECRET: 'hush-hush' },
  })

  expect(stdout.trim()).toBe(entries.map(({ status }) => status).join(' '))
  expect(entries.map(({ status }) => status)).toEqual([200, 200, 200, 404])
  expect((await tenant.journal.entries({ method: 'PUT' })).map(({ request }) => request)).toEqual([
    entries[1]?.request,
    entries[1]?.request,
  ])
})

test('HAR is of version 1.2, with the query, the bodies and the near miss', async () => {
  const { log } = JSON.parse(await tenant.journal.export('har', { limit: 4 }))

  expect(log).toMatchObject({ version: '1.2', creator: { name: 'identity-edge' } })
  expect(log.entries.at(-1)).toMatchObject({
    startedDateTime: expect.stringMatching(/^\d{4}-.*Z$/),
    request: { method: 'GET', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/\S+\/api\/Grup$/) },
    response: { status: 404 },
    comment: expect.stringContaining('is not served'),
  })
  for (const { request, response, timings } of log.entries) {
    expect(request.postData?.text ?? '').toEqual(expect.any(String))
    expect(response.content.size).toBeGreaterThanOrEqual(0)
    expect(Object.keys(timings)).toEqual(['send', 'wait', 'receive'])
  }
})

test('a .http file names the server once, and a request in each part', async () => {
  const parts = (await tenant.journal.export('http', { method: 'PUT', limit: 1 })).split('\n\n')

  expect(parts[0]).toBe(`@origin = ${origin}\n@token = $TOKEN\n@secret = $CLIENT_SECRET`)
  expect(parts[1]).toMatch(
    /^### \d+ \S+ 200 Setting_UpdateSettings\nPUT \{\{origin\}\}\/\S+\nauthorization: Bearer \{\{token\}\}\n/,
  )
  expect(JSON.parse(parts[2] ?? '')).toMatchObject({ partitionGlobalId: tenant.id })
})

test('a format that there is not is refused with the nearest', async () => {
  await expect(tenant.journal.export(JSON.parse('"curll"'))).rejects.toThrow('did you mean curl?')
})
