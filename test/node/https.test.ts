// A local server over https, with a certificate of its own.
import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { startTestTenant } from '../../src/node/library/start-test-tenant.ts'
import { repository } from '../../src/node/local/repository.ts'
import { CERTIFICATE, CERTIFICATE_KEY, localCertificate } from '../../src/node/runtime/certificate.ts'
import { cleanUp, newPlace, runCommand, until } from './command.ts'

afterEach(cleanUp)

/** The text at `url`, for a client that trusts `ca` alone. */
const get = (url: string, ca: string | undefined) =>
  new Promise<string>((resolve, reject) => {
    const call = request(url, { ca })
    call.once('response', (response) => text(response).then(resolve, reject))
    call.once('error', reject)
    call.end()
  })

const DISCOVERY = '/identity_/.well-known/openid-configuration'

describe('startTenant with https', () => {
  it('serves an https issuer, under a certificate that the tenant hands out', async () => {
    await using tenant = await startTestTenant(repository, { https: true })
    const { origin, port } = new URL(tenant.url)
    const { issuer } = JSON.parse(await get(`${origin}${DISCOVERY}`, tenant.certificate))

    expect(issuer).toBe(`https://127.0.0.1:${port}/identity_`)
    expect(await get(`https://localhost:${port}/health`, tenant.certificate)).toContain('ok')
    await expect(get(`${origin}${DISCOVERY}`, undefined)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(await tenant.token()).not.toBe('')
  })
})

describe('HTTPS=true npm start', () => {
  it('prints a request that trusts its certificate, whose key its owner alone may read', async () => {
    const place = await newPlace()
    const command = runCommand({ ...place, HTTPS: 'true' }, process.execPath, 'src/node/local/start.ts')
    await until('it is ready', async () => command.output().includes('curl'))
    const file = join(place.STATE_DIR, CERTIFICATE)

    expect(command.output()).toContain(`ready on https://127.0.0.1:${place.PORT}\n`)
    expect(command.output()).toContain(`curl --cacert '${file}' -H`)
    expect(await get(`https://127.0.0.1:${place.PORT}/health`, readFileSync(file, 'utf8'))).toContain('ok')
    expect(statSync(join(place.STATE_DIR, CERTIFICATE_KEY)).mode & 0o077).toBe(0)
  })
})

describe('the certificate', () => {
  it('is for loopback and the hosts it is told, signs no other, and stays the same', async () => {
    const { TMPDIR } = await newPlace()
    const made = (hosts: string[]) => readFileSync(localCertificate(TMPDIR, hosts), 'utf8')
    const hosts = ['identity.test', '[fe80::12:0:1]']
    const first = made(hosts)
    const certificate = new X509Certificate(first)

    for (const host of ['localhost', 'identity.test']) expect(certificate.checkHost(host)).toBeDefined()
    for (const address of ['127.0.0.1', '::1', 'fe80::12:0:1']) expect(certificate.checkIP(address)).toBeDefined()
    expect([certificate.checkHost('example.com'), certificate.ca]).toEqual([undefined, false])
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(made(hosts)).toBe(first)
    expect(made(['other.test'])).not.toBe(first)
  })
})
