// The control plane, /_control: how tests make tenants and arm faults. It is a Hono app of its own, so that the emulated API
// has none of its routes, errors or middleware.
import { Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { hashSecret, secretMatches } from '../connect/client-secret.ts'
import { type AppEnv, databasesFor } from '../database/session.ts'
import { operations } from '../http/contract.ts'
import { describeError } from '../http/log.ts'
import { ok } from '../http/ok.ts'
import { openApi } from '../http/openapi.ts'
import { CONTROL_PATH, originOf } from '../http/path.ts'
import { answerRefusal } from '../http/refusal.ts'
import { isUnexpected, reasonFor } from '../reason-for.ts'
import { rotationRoutes } from '../rotation/rotation.routes.ts'
import { answerProblem, answerReason, ControlProblem } from './problem.ts'
import { clockRoutes } from './routes/clock.routes.ts'
import { faultRoutes } from './routes/fault.routes.ts'
import { journalRoutes } from './routes/journal.routes.ts'
import { nameRoutes } from './routes/name.routes.ts'
import { preferRoutes } from './routes/prefer.routes.ts'
import { snapshotRoutes } from './routes/snapshot.routes.ts'
import { refuseUnknown } from './routes/strict.ts'
import { tenantRoutes } from './routes/tenant.routes.ts'
import { tokenRoutes } from './routes/token.routes.ts'
import { seedSchema } from './states/seed-schema.ts'
import { hasSwept, removeExpired, sweep } from './tenants/tenants.ts'

const DESCRIPTION = {
  title: 'identity-edge: control',
  description: 'What tests do with tenants. Every request carries the control token.',
  bearerFormat: 'control token',
  strict: true,
}

export const controlApp: Hono<AppEnv> = new Hono<AppEnv>().basePath(CONTROL_PATH)

// Without a token: editors fetch the schema of a seed file from the `$schema` in it.
controlApp.get('/seed.schema.json', (c) => ok(c, seedSchema()))

controlApp.use(async (c, next) => {
  const [, token = ''] = /^bearer +(\S+) *$/i.exec(c.req.header('Authorization') ?? '') ?? []
  const expected = c.env.CONTROL_TOKEN
  if (!expected || !(await secretMatches(token, await hashSecret(expected)))) {
    throw new ControlProblem(401, 'The control token is missing or wrong.')
  }
  if (c.env.EMBEDDED && !hasSwept(c.env)) c.executionCtx.waitUntil(sweep(c.env, databasesFor(c)))
  await next()
})
controlApp.use(refuseUnknown)

controlApp.route('/', tenantRoutes)
controlApp.route('/', snapshotRoutes)
controlApp.route('/', journalRoutes)
controlApp.route('/', faultRoutes)
controlApp.route('/', preferRoutes)
controlApp.route('/', tokenRoutes)
controlApp.route('/', clockRoutes)
controlApp.route('/secrets', rotationRoutes)
controlApp.route('/names', nameRoutes)

controlApp.get('/openapi.json', (c) => ok(c, openApi(operations(controlApp), originOf(c.req.url), DESCRIPTION)))
controlApp.post('/expired', async (c) => {
  await removeExpired(c.env, databasesFor(c))
  return c.body(null, 204)
})

const otherMethods = methodNotAllowed({
  app: controlApp,
  onMethodNotAllowed: (c, allow) => answerRefusal(c, { is: 'methodNotAllowed', allow }),
})

controlApp.notFound(async (c) => {
  c.res = answerProblem(404, 'There is nothing here.')
  await otherMethods(c, async () => {})
  return c.res
})

controlApp.onError((error, c) => {
  if (error instanceof ControlProblem) {
    const headers: Record<string, string> = error.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}
    return answerProblem(error.status, error.message, headers)
  }
  if (isUnexpected(error)) console.error(describeError(error))
  return answerReason(c, reasonFor(error))
})
