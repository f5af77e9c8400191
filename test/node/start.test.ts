// `npm start` as its user meets it: what it says, what it keeps, and what it leaves behind when it ends in whatever way.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
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

const NODE = 'src/node/local/start.ts'
const WORKERD = 'workerd serve'

afterEach(cleanUp)

describe('starting', () => {
  it('says where it is, a token and a request that works', async () => {
    const place = await newPlace()
    const tenant = await startTenant(place)
    const [, authorization, url] = /^curl -H 'Authorization: (.+?)' '(.+?)'$/.exec(tenant.curl) ?? []
    const response = await fetch(String(url), { headers: { authorization: String(authorization) } })

    expect(tenant.url).toBe(`http://127.0.0.1:${place.PORT}`)
    expect(url).toBe(
      `${tenant.url}/hogwarts/identity_/api/Setting?partitionGlobalId=magic-7&key=Email.Smtp.Host&key=Email.Smtp.Port`,
    )
    expect(authorization).toBe(`Bearer ${tenant.token}`)
    expect(response.status, await response.clone().text()).toBe(200)
    expect(await response.json()).toHaveLength(2)
    expect(tenant.output()).toContain('this run goes without: ratelimits (TOKENS_BY_CLIENT, TOKENS_BY_ADDRESS)\n')
  })

  it('fails with one line when the port is taken', async () => {
    const { port } = await occupyPort()
    const command = runCommand({ ...(await newPlace()), PORT: String(port) }, process.execPath, NODE)

    expect(await command.exit).toEqual({ code: 1, signal: null })
    expect(command.output()).toBe(`port ${port} on 127.0.0.1 is taken; set PORT to another one\n`)
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
