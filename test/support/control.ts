// The tests' own plane for tests of it: as an embedded Worker has it, and as a deployment's isolates have it.
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import embedded from '../../src/embedded/index.ts'
import deployed from '../../src/index.ts'
import { CountingD1 } from './counting-d1.ts'
import { answer, type Call, ORIGIN, requestTo } from './tenant.ts'

export const CONTROL_TOKEN = 'a-control-token-of-the-tests'

export interface CreatedTenant {
  id: string
  name: string
  url: string
  createdAt: string
  expiresAt: string | null
  clients: { id: string; secret: string; scopes: string[] }[]
  tokens: { admin: string; reader: string }
  users: { id: string; userName: string }[]
  passwordsToSet?: string[]
}

/** An isolate with a plane. Each knows of what is armed what it has heard itself. */
export function isolate(mode: 'embedded' | 'deployed', more: Partial<Cloudflare.Env> = {}) {
  const d1 = new CountingD1(env.DB)
  const bindings = { ...env, DB: d1, CONTROL_TOKEN, ...more }
  const worker = mode === 'embedded' ? embedded : deployed
  const send = (method: string, path: string, given: Call = {}) =>
    Promise.resolve(worker.fetch(requestTo(`${ORIGIN}${path}`, method, given), bindings, createExecutionContext()))
  const control = (method: string, path: string, json?: unknown) =>
    send(method, `/_control${path}`, { token: CONTROL_TOKEN, json })
  return {
    bindings,
    /** Answers a request in a context of its own, which can be waited for. */
    fetch: (request: Request, context: ExecutionContext) => worker.fetch(request, bindings, context),
    send,
    control,
    takeTrips: () => d1.takeTrips(),
    /** A request to the tenant API. */
    call: (method: string, path: string, given?: Call) => send(method, `/identity_${path}`, given),
    create: async (json: object = {}) => answer<CreatedTenant>(await control('POST', '/tenants', json), 201),
  }
}

export type Isolate = ReturnType<typeof isolate>
