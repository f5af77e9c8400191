// `npm run dev`: wrangler's server on the data of `npm start`.
import { afterEach, expect, it } from 'vitest'
import { cleanUp, fetchToken, newPlace, processesOf, runCommand, startTenant, until, untilGone } from './command.ts'
import { readSmtpPort, writeSmtpPort } from './smtp-port.ts'

afterEach(cleanUp)

it('serves the documented tenant, hands its data on to npm start, and leaves nothing running', async () => {
  const place = await newPlace()
  const url = `http://127.0.0.1:${place.PORT}`
  const dev = runCommand(place, 'npm', 'run', 'dev')
  await until('wrangler is ready', async () => dev.output().includes(`Ready on ${url}`))
  const token = await fetchToken(url)

  expect(dev.output()).toContain(`console on ${url}/#key=local-control\n`)
  expect(await readSmtpPort({ url, token })).toBe('587')

  await writeSmtpPort({ url, token }, '2525')
  const processes = await processesOf(dev)
  process.kill(dev.group, 'SIGTERM')
  await untilGone(processes, place)

  expect(await readSmtpPort(await startTenant(place))).toBe('2525')
})
