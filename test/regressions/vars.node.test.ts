// A local run left out the [vars] of wrangler.toml, which a deployment has.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { repositoryOf } from '../../src/node/local/repository.ts'
import { openServer } from '../../src/node/runtime/server.ts'
import { writeConfig } from '../node/write-config.ts'

const place = await mkdtemp(join(tmpdir(), 'vars-'))
afterAll(() => rm(place, { recursive: true, force: true }))

it('a local run has the ISSUER of [vars] in discovery, unless the environment says another', async () => {
  const source = repositoryOf(await writeConfig(place, '[vars]\nISSUER = "https://issuer.example"\nLIMITS = { a = 1 }'))
  const issuer = async (variables: Record<string, string>) => {
    const server = await openServer(source, { variables })
    const response = await fetch(`${server.url}/identity_/.well-known/openid-configuration`)
    const { issuer }: { issuer: string } = JSON.parse(await response.text())
    await server.stop()
    return issuer
  }

  expect(await issuer({})).toBe('https://issuer.example')
  expect(await issuer({ ISSUER: 'https://other.example' })).toBe('https://other.example')
})
