// Teams with keys and tenants, for tests of who may do what with the control plane.
import { CONTROL_TOKEN, type CreatedTenant, type Isolate } from './control.ts'
import { answer } from './tenant.ts'

export interface MadeKey {
  id: string
  key: string
}

export interface Limits {
  tenants?: number
  rows?: number
  rowsAtOnce?: number
  ttl?: number
}

/** Calls with a key, or with any other text in its place. */
export const callsWith =
  ({ send }: Isolate, token: string | undefined) =>
  (method: string, path: string, json?: unknown) =>
    send(method, `/_control${path}`, { token, json })

export const makeKey = async (here: Isolate, team: string, limits: Limits = {}, expiresIn = 3600) =>
  answer<MadeKey>(await callsWith(here, CONTROL_TOKEN)('POST', '/keys', { team, limits, expiresIn }), 201)

/** A tenant made with `token`, which has a key of its own. */
export const makeTenant = async (here: Isolate, token: string, json: object = {}) =>
  answer<CreatedTenant>(await callsWith(here, token)('POST', '/tenants', json), 201)

/** The newest rows of the audit table, once `done` says that those are there that are waited for. */
export async function auditOnce(
  here: Isolate,
  done: (rows: readonly AuditRow[]) => boolean,
  token = CONTROL_TOKEN,
): Promise<AuditRow[]> {
  for (;;) {
    const { results } = await answer<{ results: AuditRow[] }>(await callsWith(here, token)('GET', '/audit?limit=1000'))
    if (done(results)) return results
    await scheduler.wait(10)
  }
}

export interface AuditRow {
  number: number
  operation: string | null
  method: string
  tenant: string | null
  tenantName: string | null
  subject: string | null
  key: string | null
  team: string | null
  status: number
  ray: string | null
}
