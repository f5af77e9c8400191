// The control plane, /_control: how tests make tenants and arm faults. It is a Hono app of its own, so that the emulated API
// has none of its routes, errors or middleware.
import { type Context, Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import * as z from 'zod/mini'
import { RATE_PERIOD, TooManyRequests } from '../connect/limit-rate.ts'
import { databasesBeside } from '../database/session.ts'
import { asset } from '../http/asset.ts'
import { attach, describe } from '../http/contract.ts'
import { describeError, logsRequests } from '../http/log.ts'
import { observe } from '../http/observe.ts'
import { CONTROL_PATH } from '../http/path.ts'
import { answerRefusal } from '../http/refusal.ts'
import { RememberingRouter } from '../http/router.ts'
import { isUnexpected, reasonFor } from '../reason-for.ts'
import { rotationRoutes } from '../rotation/rotation.routes.ts'
import { auditCalls, authenticate } from './access/authenticate.ts'
import type { ControlEnv } from './access/call.ts'
import { consoleFile, consolePage } from './console.ts'
import { answerProblem, answerReason, ControlProblem } from './problem.ts'
import { auditRoutes } from './routes/audit.routes.ts'
import { clientRoutes } from './routes/client.routes.ts'
import { clockRoutes } from './routes/clock.routes.ts'
import { faultRoutes } from './routes/fault.routes.ts'
import { journalRoutes } from './routes/journal.routes.ts'
import { keyRoutes } from './routes/key.routes.ts'
import { nameRoutes } from './routes/name.routes.ts'
import { preferRoutes } from './routes/prefer.routes.ts'
import { signInRoutes } from './routes/sign-in.routes.ts'
import { snapshotRoutes } from './routes/snapshot.routes.ts'
import { refuseUnknown } from './routes/strict.ts'
import { tenantRoutes } from './routes/tenant.routes.ts'
import { tokenRoutes } from './routes/token.routes.ts'
import { userTokenRoutes } from './routes/user-token.routes.ts'
import { hasSwept, removeExpired, sweep } from './tenants/expired-tenants.ts'

export const controlApp: Hono<ControlEnv> = new Hono<ControlEnv>({ router: new RememberingRouter() }).basePath(
  CONTROL_PATH,
)

controlApp.use(observe)

// Without a token: editors fetch the schema of a seed file from the `$schema` in it.
controlApp.get(
  '/seed.schema.json',
  refuseUnknown,
  describe({ operationId: 'getSeedSchema', summary: 'The JSON Schema of seeds.', answer: z.looseObject({}) }, (c) =>
    asset(c, '/seed.schema.json'),
  ),
)

// Without a token as well: the pages hold no data, and ask for the key themselves.
controlApp.get('/', (c) => c.redirect(`${CONTROL_PATH}/`))
controlApp.use((c, next) =>
  c.req.method === 'GET' && c.req.path === `${CONTROL_PATH}/` ? consolePage(c, 'index.html') : next(),
)
controlApp.get('/reference', (c) => consolePage(c, 'reference.html'))
controlApp.get('/console/:file', (c) => consoleFile(c, c.req.param('file')))

controlApp.use(auditCalls)
controlApp.use(authenticate)
controlApp.use(async (c, next) => {
  if (c.env.EMBEDDED && !hasSwept(c.env)) c.executionCtx.waitUntil(sweep(c.env, databasesBeside(c)))
  await next()
})
controlApp.use(refuseUnknown)

controlApp.route('/', tenantRoutes)
controlApp.route('/', snapshotRoutes)
controlApp.route('/', journalRoutes)
controlApp.route('/', faultRoutes)
controlApp.route('/', preferRoutes)
controlApp.route('/', tokenRoutes)
controlApp.route('/', userTokenRoutes)
controlApp.route('/', signInRoutes)
controlApp.route('/', clientRoutes)
controlApp.route('/', clockRoutes)
controlApp.route('/', keyRoutes)
controlApp.route('/', auditRoutes)
controlApp.route('/secrets', rotationRoutes)
controlApp.route('/names', nameRoutes)

controlApp.get(
  '/openapi.json',
  describe(
    { operationId: 'getOpenApi', key: 'tenant', summary: 'This document, as JSON.', answer: z.looseObject({}) },
    (c) => asset(c, '/openapi/control.json'),
  ),
)
controlApp.get(
  '/openapi.yaml',
  describe(
    {
      operationId: 'getOpenApiYaml',
      key: 'tenant',
      summary: 'This document, as YAML.',
      answer: z.string(),
      media: 'application/yaml',
    },
    (c) => asset(c, '/openapi/control.yaml'),
  ),
)
controlApp.post(
  '/expired',
  attach({ operationId: 'removeExpired' }, async (c: Context<ControlEnv>) => {
    await removeExpired(c.env, databasesBeside(c))
    return c.body(null, 204)
  }),
)

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
  if (error instanceof TooManyRequests) {
    return answerProblem(429, 'Too many wrong control tokens.', { 'Retry-After': String(RATE_PERIOD) })
  }
  if (error instanceof ControlProblem) {
    const headers: Record<string, string> = error.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}
    return answerProblem(error.status, error.message, headers)
  }
  // Where requests are logged, the line of this one says what was thrown.
  if (isUnexpected(error) && !logsRequests(c.env)) console.error(describeError(error))
  return answerReason(c, reasonFor(error))
})
