// `npm run rotate-secrets` against `npm start`, which was restarted with another key.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { cleanUp, newPlace, processesOf, runCommand, startTenant, until, untilGone } from './command.ts'

afterEach(cleanUp)

const CONTROL_TOKEN = 'a-token-of-24-characters'
const COMING = Buffer.alloc(32, 9).toString('base64url')

it('seals under the new key what the old one sealed, and after that the old one is not needed', async () => {
  const place = await newPlace()
  const stop = async (tenant: Awaited<ReturnType<typeof startTenant>>) => {
    const processes = await processesOf(tenant)
    process.kill(-tenant.group, 'SIGKILL')
    await untilGone(processes, place)
  }
  await stop(await startTenant(place))
  const old = (await readFile(join(place.STATE_DIR, 'encryption.key'), 'utf8')).trim()
  const both = { ...place, CONTROL_TOKEN, ENCRYPTION_KEY: COMING, ENCRYPTION_KEYS_OLD: old }
  const tenant = await startTenant(both)
  const rotate = async (token: string, ...options: string[]) => {
    const command = runCommand(
      { ...place, CONTROL_TOKEN: token },
      process.execPath,
      'src/node/deploy/rotate-secrets.ts',
      tenant.url,
      ...options,
    )
    const { code } = await command.exit
    await until('it said so', async () => command.output() !== '')
    return [code, command.output()]
  }

  expect(await rotate('wrong')).toEqual([1, expect.stringContaining('401')])
  expect(await rotate(CONTROL_TOKEN)).toEqual([0, '4 stored secrets sealed anew\n'])
  expect(await rotate(CONTROL_TOKEN)).toEqual([0, '0 stored secrets sealed anew\n'])

  const [, published] = await rotate(CONTROL_TOKEN, '--next-key')
  const kid = String(published).split(' ')[0] ?? ''
  const jwks = async () => {
    const response = await fetch(`${tenant.url}/identity_/.well-known/openid-configuration/jwks`)
    const { keys }: { keys: { kid: string }[] } = await response.json()
    return keys.map((key) => key.kid)
  }
  const former = (await jwks()).find((known) => known !== kid) ?? ''
  expect(await rotate(CONTROL_TOKEN, '--retire-key', former)).toEqual([1, expect.stringContaining('409')])
  expect(await rotate(CONTROL_TOKEN, '--sign-with', kid)).toEqual([0, expect.stringContaining(`${kid} signs`)])
  expect(await rotate(CONTROL_TOKEN, '--retire-key', former)).toEqual([0, expect.stringContaining('is retired')])
  expect(await jwks()).toEqual([kid])

  await stop(tenant)
  const { url, token } = await startTenant({ ...place, ENCRYPTION_KEY: COMING })
  const path = '/hogwarts/identity_/api/Setting?partitionGlobalId=magic-7&key=Email.Smtp.Password'
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
  expect(await response.json()).toMatchObject([{ value: 'protego-spell' }])
})
