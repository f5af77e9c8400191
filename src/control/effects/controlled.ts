// Answers requests under what is armed for their tenants, where there is a tests' own plane.
import type { Context, Hono, MiddlewareHandler, Next } from 'hono'
import type { AppEnv } from '../../database/session.ts'
import { Interception } from '../../database/tenant-control.ts'
import { MemoryOf } from '../../http/isolate-memory.ts'
import { TenantChanged } from './armed.ts'
import { type Effects, mutilate } from './faults.ts'
import { writeJournal } from './journal.ts'
import { takeOperationsFrom } from './operation-names.ts'
import { RequestControl } from './request-control.ts'

/** Requests that were started again: what is armed for their tenant was asked just before. With what faults did to them. */
const settled = new MemoryOf<Request, Effects>('restarted')

/**
 * The link that stands before all others. It costs nothing where there is no plane, and no round trip where nothing is
 * armed, except for a request that is refused before the database is asked anything, in a deployment.
 */
export function controlled(app: Hono<AppEnv>): MiddlewareHandler<AppEnv> {
  takeOperationsFrom(app)
  return (c, next) => (c.env.CONTROL_TOKEN ? underControl(app, c, next) : next())
}

async function underControl(app: Hono<AppEnv>, c: Context<AppEnv>, next: Next) {
  const began = Date.now()
  const control = new RequestControl(c, settled.get(c.req.raw))
  c.set('control', control)
  await next()
  if (c.error instanceof TenantChanged) await control.reload()
  if (c.error instanceof TenantChanged || (await control.isOutdated())) {
    const again = await restart(app, c, control.effects)
    if (again) replace(c, again)
    return
  }
  for (const preference of control.applied) c.header('Preference-Applied', preference, { append: true })
  if (control.armed?.journal) await writeJournal(c, control, began)
  if (control.mutilation && !(c.error instanceof Interception)) replace(c, await mutilate(c.res, control.mutilation))
}

function replace(c: Context, response: Response) {
  // Else headers of the old answer would be taken over.
  c.res = undefined
  c.res = response
}

/** The request from the beginning. Undefined if its body is gone. */
async function restart(app: Hono<AppEnv>, c: Context<AppEnv>, effects: Effects): Promise<Response | undefined> {
  const { raw, method, url } = c.req
  try {
    const body = raw.body === null ? null : await c.req.text()
    const request = new Request(url, { method, headers: raw.headers, body })
    settled.set(request, effects)
    return await app.fetch(request, c.env, c.executionCtx)
  } catch {
    return undefined
  }
}
