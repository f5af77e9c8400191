// Tenants made, or found again by their name.
import { type ControlClient, ControlError, tenantPath, unlessAbsent } from './control-client.ts'
import type { SeedDocument } from './seed-document.ts'
import { readSeed } from './test-tenant.ts'
import type { TenantDescription, TenantSummary } from './wire.ts'

/** How a tenant is made. */
export interface TenantRequest {
  /** The organization's name in URLs; made up unless told. */
  readonly name?: string | undefined
  /** What it begins with: a document, the path of a JSON file, or what the deployment plants without being told. */
  readonly seed?: SeedDocument | string | undefined
  /** Whether it writes down its requests; true unless told. */
  readonly journal?: boolean | undefined
  /** Seconds until it is removed by itself; without it, never. */
  readonly ttl?: number | undefined
}

/** @throws ControlError (409) when the name is taken */
export async function createTenant(
  control: ControlClient,
  { name, seed, ttl, journal = true }: TenantRequest,
): Promise<TenantDescription> {
  const body = { name, ttl, journal, ...(seed === undefined ? {} : { seed: await readSeed(seed) }) }
  return await control.call<TenantDescription>('POST', '/tenants', { body })
}

/** The tenant of that name, or a new one. `created` tells which. */
export async function findOrCreateTenant(
  control: ControlClient,
  request: TenantRequest,
): Promise<{ description: TenantDescription; created: boolean }> {
  const found = request.name === undefined ? undefined : await findTenant(control, request.name)
  if (found) return { description: found, created: false }
  try {
    return { description: await createTenant(control, request), created: true }
  } catch (error) {
    // Somebody else has made it in the meantime.
    const taken = error instanceof ControlError && error.status === 409
    const theirs = taken && request.name !== undefined ? await findTenant(control, request.name) : undefined
    if (theirs) return { description: theirs, created: false }
    throw error
  }
}

async function findTenant(control: ControlClient, name: string): Promise<TenantDescription | undefined> {
  const call = control.call<TenantSummary & Partial<TenantDescription>>('GET', tenantPath(name))
  const found = await unlessAbsent(call)
  return found && { clients: [], users: [], tokens: { admin: '', reader: '' }, ...found }
}
