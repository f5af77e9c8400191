// `npm start` as its user meets it: what it says, what it keeps, and what it leaves behind when it ends in whatever way.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import {
  cleanUp,
  newPlace,
  occupyPort,
  processesOf,
  processOf,
  runCommand,
  startTenant,
  until,
  untilGone,
} from './command.ts'
import { readSmtpPort, writeSmtpPort } from './smtp-port.ts'

const run = promisify(execFile)
const NODE = 'src/node/local/start.ts'
const WORKERD = 'workerd serve'

afterEach(cleanUp)

describe('starting', () => {
  it('says what it is and where, and a call that works when it is pasted', async () => {
    const place = await newPlace()
    const tenant = await startTenant(place)
    const { stdout } = await run('sh', ['-c', tenant.curl])
    const lines = tenant.output().split(/^ready on .*$/m)

    expect(tenant.url).toBe(`http://127.0.0.1:${place.PORT}`)
    expect(JSON.parse(stdout)).toHaveLength(2)
    expect(tenant.output()).toContain('this run goes without: ratelimits (TOKENS_BY_CLIENT, TOKENS_BY_ADDRESS)\n')
    expect(tenant.output()).toContain('hogwarts-admin / hogwarts-admin-secret')
    expect(tenant.output()).toContain(`${tenant.url}/_control, token local-control\n`)
    expect(tenant.output()).toContain(`page     ${tenant.url}/#key=local-control\n`)
    expect(tenant.output()).toContain(`data     ${place.STATE_DIR}\n`)
    expect(String(lines[1]).trim().split('\n').length).toBeLessThanOrEqual(10)
  })

  it('does not repeat a control token that its user chose', async () => {
    const place = { ...(await newPlace()), CONTROL_TOKEN: 'a-token-of-my-own-choice' }
    const { output, url } = await startTenant(place)

    expect(output()).toContain(`page     ${url}/\n`)
    expect(output()).not.toContain(place.CONTROL_TOKEN)
  })

  it('prints an access token only when it is told to', async () => {
    const asked = await startTenant(await newPlace())
    const command = runCommand(await newPlace(), process.execPath, NODE)
    await until('it is ready', async () => command.output().includes('curl '))
    const headers = { authorization: `Bearer ${asked.token}` }

    expect((await fetch(`${asked.url}/identity_/api/Group/magic-7`, { headers })).status).toBe(200)
    expect(command.output()).not.toContain('eyJ')
  })

  it('with --quiet says its address, and in CI a line for each request without it', async () => {
    const logged = runCommand({ ...(await newPlace()), CI: 'true', LOG: '' }, process.execPath, NODE)
    const quiet = runCommand({ ...(await newPlace()), CI: 'true', LOG: '' }, process.execPath, NODE, '--quiet')
    for (const command of [logged, quiet]) {
      await until('it is ready', async () => /^ready on \S+$/m.test(command.output()))
      const [, url] = /^ready on (\S+)$/m.exec(command.output()) ?? []
      await fetch(`${url}/identity_/api/Grup`)
    }
    await until('it is logged', async () => logged.output().includes('Grup'))

    expect(logged.output()).toMatch(/^\d\d:\d\d:\d\d GET {4}\/identity_\/api\/Grup 404 \d+ ms$/m)
    expect(logged.output()).not.toContain('/health')
    expect(quiet.output()).toMatch(/^ready on \S+\n(?:of wrangler.toml.*\n)?$/)
  })

  it('fails with one line when the port is taken', async () => {
    const { port } = await occupyPort()
    const command = runCommand({ ...(await newPlace()), PORT: String(port) }, process.execPath, NODE)

    expect(await command.exit).toEqual({ code: 1, signal: null })
    expect(command.output()).toBe(
      `port ${port} on 127.0.0.1 is taken; choose another by PORT, --port or the option port\n`,
    )
  })

  it.each(['http', '65536', '-1'])('fails with one line when PORT is %s', async (PORT) => {
    const command = runCommand({ ...(await newPlace()), PORT }, process.execPath, NODE)

    expect(await command.exit).toEqual({ code: 1, signal: null })
    expect(command.output()).toBe(`PORT must be a whole number from 0 to 65535, not "${PORT}"\n`)
  })
})

describe('a write survives', () => {
  it('SIGTERM, kill -9 of node and kill -9 of everything, and nothing is left running after each', async () => {
    const place = await newPlace()
    let tenant = await startTenant(place)
    const ends = [
      async () => process.kill(tenant.group, 'SIGTERM'),
      async () => process.kill(await processOf(tenant, NODE), 'SIGKILL'),
      async () => process.kill(-tenant.group, 'SIGKILL'),
    ]
    for (const [index, end] of ends.entries()) {
      await writeSmtpPort(tenant, `${2525 + index}`)
      const processes = await processesOf(tenant)
      await end()
      await untilGone(processes, place)
      tenant = await startTenant(place)

      expect(await readSmtpPort(tenant)).toBe(`${2525 + index}`)
    }
  })

  it('the death of the runtime, which comes back on the same port though PORT is 0', async () => {
    const tenant = await startTenant({ ...(await newPlace()), PORT: '0' })
    await writeSmtpPort(tenant, '2525')
    process.kill(await processOf(tenant, WORKERD), 'SIGKILL')
    await until('the runtime is back', async () => tenant.errors().includes('was started again'))

    expect(await readSmtpPort(tenant)).toBe('2525')
  })

  it('nothing of a start that was killed half-way: the next one is whole', async () => {
    const place = await newPlace()
    const command = runCommand(place, 'npm', 'start')
    await until('there is a database', async () => existsSync(join(place.STATE_DIR, 'v3/d1')))
    const processes = await processesOf(command)
    process.kill(await processOf(command, NODE), 'SIGKILL')
    await untilGone(processes, place)

    expect(command.output()).not.toContain('ready')
    expect(await readSmtpPort(await startTenant(place))).toBe('587')
  })
})

describe('nothing is left running after', () => {
  it('SIGTERM, and the status is 0', async () => {
    const place = await newPlace()
    const command = runCommand(place, process.execPath, NODE)
    await until('it is ready', async () => command.output().includes('ready on'))
    const processes = await processesOf(command)
    process.kill(command.group, 'SIGTERM')

    expect(await command.exit).toEqual({ code: 0, signal: null })
    await untilGone(processes, place)
    expect(processes.map((process) => process.command)).toEqual([
      expect.stringContaining(NODE),
      expect.stringContaining(WORKERD),
      expect.stringContaining('supervisor'),
    ])
  })

  it('SIGINT during the start, and the status is 0', async () => {
    const place = await newPlace()
    const command = runCommand(place, process.execPath, NODE)
    await until('there is a database', async () => existsSync(join(place.STATE_DIR, 'v3/d1')))
    const processes = await processesOf(command)
    process.kill(command.group, 'SIGINT')

    expect(await command.exit).toEqual({ code: 0, signal: null })
    await untilGone(processes, place)
    expect(command.output()).toBe('')
  })

  it('Ctrl-C, which reaches npm and all that it runs at once', async () => {
    const place = await newPlace()
    const tenant = await startTenant(place)
    const processes = await processesOf(tenant)
    process.kill(-tenant.group, 'SIGINT')
    await untilGone(processes, place)

    expect(tenant.errors()).not.toContain('Error')
  })

  it('kill -9 of npm', async () => {
    const place = await newPlace()
    const tenant = await startTenant(place)
    const processes = await processesOf(tenant)
    process.kill(tenant.group, 'SIGKILL')
    await untilGone(processes, place)
  })
})
