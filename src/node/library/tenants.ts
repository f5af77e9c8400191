// Creates, finds and removes tenants.
import { type ControlClient, ControlError, tenantPath, undefinedIfAbsent } from './control-client.ts'
import { readSeed } from './read-seed.ts'
import type { SeedDocument } from './seed-document.ts'
import type { TenantDescription, TenantSummary } from './wire.ts'

/** The tenant to create or to find. */
export interface TenantRequest {
  /** The organization's name in URLs. Made up by default. */
  readonly name?: string | undefined
  /** Its first state: a document, or the path of a JSON file. By default the built-in groups and three users. */
  readonly seed?: SeedDocument | string | undefined
  /** Whether it keeps a journal of its requests. True by default. */
  readonly journal?: boolean | undefined
  /** Whether its users may sign in without a password, which a local server always allows. */
  readonly passwordless?: boolean | undefined
  /** Seconds until it is removed. By default it stays. */
  readonly ttl?: number | undefined
  /** The access tokens that the answer has. None by default. */
  readonly tokens?: readonly ('admin' | 'reader')[] | undefined
}

/**
 * Creates a tenant.
 * @throws ControlError (409) when the name is taken, (400) for a name or seed that is not valid
 */
export async function createTenant(
  control: ControlClient,
  { name, seed, ttl, passwordless, journal = true, tokens = [] }: TenantRequest,
): Promise<TenantDescription> {
  const body = {
    name,
    ttl,
    passwordless,
    journal,
    tokens,
    ...(seed === undefined ? {} : { seed: await readSeed(seed) }),
  }
  return await control.call<TenantDescription>('POST', '/tenants', { body })
}

/** The tenant of that name, or a new one; `created` is true for a new one. */
export async function findOrCreateTenant(
  control: ControlClient,
  request: TenantRequest,
): Promise<{ description: TenantDescription; created: boolean }> {
  const found = request.name === undefined ? undefined : await findTenant(control, request.name)
  if (found) return { description: found, created: false }
  try {
    return { description: await createTenant(control, request), created: true }
  } catch (error) {
    // Another process created it between the two calls: that one is taken.
    const taken = error instanceof ControlError && error.status === 409
    const theirs = taken && request.name !== undefined ? await findTenant(control, request.name) : undefined
    if (theirs) return { description: theirs, created: false }
    throw error
  }
}

async function findTenant(control: ControlClient, name: string): Promise<TenantDescription | undefined> {
  const call = control.call<TenantSummary & Partial<TenantDescription>>('GET', tenantPath(name))
  const found = await undefinedIfAbsent(call)
  return found && { key: '', clients: [], users: [], ...found }
}

/** Removes a tenant made on demand. Does nothing when it no longer exists, as when its server was stopped. */
export async function removeTenant(control: ControlClient, id: string): Promise<void> {
  if (control.ended !== undefined) return
  await undefinedIfAbsent(control.call('DELETE', tenantPath(id)))
}

/** Whether a control token is the key of one tenant. */
export const isTenantKey = (controlToken: string) => controlToken.startsWith('ie_tenant_')

/** The name of the tenant that the client has the key of; undefined if its time is over. */
export async function nameOfOwn(control: ControlClient): Promise<string | undefined> {
  const { results } = await control.call<{ results: TenantSummary[] }>('GET', '/tenants')
  return results[0]?.name
}
