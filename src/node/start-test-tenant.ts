// A tenant for tests, with a runtime of its own beside this process.
import { randomBytes } from 'node:crypto'
import { ControlClient } from './client/control-client.ts'
import { findOrCreateTenant } from './client/find-tenant.ts'
import { type OptionNames, requireKnown } from './client/known-options.ts'
import { TestTenant } from './client/test-tenant.ts'
import type { StartOptions } from './start-options.ts'
import { openTenant, type TenantSource } from './tenant.ts'

const OPTIONS: OptionNames<StartOptions> = {
  seed: true,
  name: true,
  journal: true,
  port: true,
  stateDir: true,
  issuer: true,
  signal: true,
}

/** What `startTenant` does, with a tenant from `source`. */
export async function startTestTenant(source: TenantSource, options: StartOptions = {}): Promise<TestTenant> {
  requireKnown('startTenant', options, OPTIONS)
  const { seed, name, journal, port = 0, stateDir, issuer, signal } = options
  // Whoever is on this machine may reach the port, but not act on the tenant.
  const controlToken = randomBytes(24).toString('base64url')
  const runtime = await openTenant(source, {
    port,
    unref: true,
    variables: { CONTROL_TOKEN: controlToken, ...(issuer ? { ISSUER: issuer } : {}) },
    ...(stateDir ? { stateDir } : {}),
    ...(signal ? { signal } : {}),
  })
  try {
    const control = new ControlClient(runtime.url, controlToken)
    const { description } = await findOrCreateTenant(control, { name, seed, journal })
    return new TestTenant(control, description, () => runtime.stop())
  } catch (error) {
    await runtime.stop()
    throw error
  }
}
