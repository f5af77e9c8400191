// /_control: the tests' own plane. It is an app of its own, so that the tenant's knows nothing of it.
import { Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { hashSecret, secretMatches } from '../connect/client-secret.ts'
import { DatabaseFailure } from '../database/failure.ts'
import { type AppEnv, databasesFor } from '../database/session.ts'
import { operations } from '../http/contract.ts'
import { describeError } from '../http/log.ts'
import { ok } from '../http/ok.ts'
import { openApi } from '../http/openapi.ts'
import { originOf } from '../http/path.ts'
import { answerRefusal, Refusal } from '../http/refusal.ts'
import { rotationRoutes } from '../rotation/rotation.routes.ts'
import { NotUnsealed } from '../secrets/seal.ts'
import { answerInvalid, answerProblem, ControlProblem } from './problem.ts'
import { clockRoutes } from './routes/clock.routes.ts'
import { faultRoutes } from './routes/fault.routes.ts'
import { journalRoutes } from './routes/journal.routes.ts'
import { preferRoutes } from './routes/prefer.routes.ts'
import { snapshotRoutes } from './routes/snapshot.routes.ts'
import { refuseUnknown } from './routes/strict.ts'
import { tenantRoutes } from './routes/tenant.routes.ts'
import { tokenRoutes } from './routes/token.routes.ts'
import { seedSchema } from './states/seed-schema.ts'
import { hasSwept, removeExpired, sweep } from './tenants/tenants.ts'

export const CONTROL_PATH = '/_control'

/** Whether a URL's path is one of the plane's. */
export function isControlUrl(url: string): boolean {
  const begin = url.indexOf('/', 'https://'.length)
  if (!url.startsWith(CONTROL_PATH, begin)) return false
  const next = url[begin + CONTROL_PATH.length]
  return next === undefined || next === '/' || next === '?' || next === '#'
}

const DESCRIPTION = {
  title: 'identity-edge: control',
  description: 'What tests do with tenants. Every request carries the control token.',
  bearerFormat: 'control token',
  strict: true,
}

export const controlApp: Hono<AppEnv> = new Hono<AppEnv>().basePath(CONTROL_PATH)

// Editors fetch it without a token.
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
  if (error instanceof Refusal) {
    return error.reason.is === 'invalid' ? answerInvalid(error.reason.errors) : answerRefusal(c, error.reason)
  }
  if ('status' in error && error.status === 400) return answerProblem(400, 'The request body is not valid JSON.')
  console.error(describeError(error))
  if (error instanceof DatabaseFailure) {
    return answerProblem(503, 'The database did not answer. A read tells what took place.', { 'Retry-After': '2' })
  }
  if (error instanceof NotUnsealed) return answerProblem(503, 'A stored secret is sealed under a key that is missing.')
  return answerProblem(500, 'The request could not be answered.')
})
