// `startTenant`, for any source of the server: the package's or the repository's.
// Loads Node's `fetch` as well, which otherwise the first call of a test would wait for.
import 'node:http'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { StartOptions } from '../config/start-options.ts'
import { openServer, type ServerSource } from '../runtime/server.ts'
import { ControlClient } from './control-client.ts'
import { type OptionNames, requireKnown } from './known-options.ts'
import { findOrCreateTenant } from './tenants.ts'
import { TestTenant } from './test-tenant.ts'

const OPTIONS: OptionNames<StartOptions> = {
  seed: true,
  name: true,
  journal: true,
  port: true,
  https: true,
  stateDir: true,
  issuer: true,
  controlToken: true,
  signal: true,
}

/** Starts a server from `source` and creates a tenant on it, or finds the one of that name in `stateDir`. */
export async function startTestTenant(source: ServerSource, options: StartOptions = {}): Promise<TestTenant> {
  requireKnown('startTenant', options, OPTIONS)
  const { seed, name, journal, port = 0, https = false, stateDir, issuer, signal } = options
  // Random unless told: other users of this machine can reach the port, but not the control plane.
  const controlToken = options.controlToken || randomBytes(24).toString('base64url')
  const server = await openServer(source, {
    port,
    https,
    unref: true,
    variables: { CONTROL_TOKEN: controlToken, ...(issuer ? { ISSUER: issuer } : {}) },
    ...(stateDir ? { stateDir } : {}),
    ...(signal ? { signal } : {}),
  })
  try {
    const control = new ControlClient(
      server.url,
      controlToken,
      server.certificate && readFileSync(server.certificate, 'utf8'),
    )
    const { description } = await findOrCreateTenant(control, { name, seed, journal })
    return new TestTenant(control, description, () => {
      control.end('this tenant was stopped, and its server with it')
      return server.stop()
    })
  } catch (error) {
    await server.stop()
    throw error
  }
}
