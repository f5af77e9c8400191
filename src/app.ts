// The table of contents: what every request crosses, and the rooms.
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { connectRoutes } from './connect/connect.routes.ts'
import { applyEffects } from './control/effects/apply-effects.ts'
import { DatabaseFailure } from './database/failure.ts'
import { Interception } from './database/request-effects.ts'
import type { AppEnv } from './database/session.ts'
import { directoryRoutes } from './directory/directory.routes.ts'
import { changeGroupRoutes } from './groups/change-group.routes.ts'
import { groupRoutes } from './groups/group.routes.ts'
import { healthRoutes } from './health/health.routes.ts'
import { operations } from './http/contract.ts'
import { describeError, logsRequests } from './http/log.ts'
import { observe } from './http/observe.ts'
import { ok } from './http/ok.ts'
import { openApi } from './http/openapi.ts'
import { BASE_PATH, canonicalPath, originOf } from './http/path.ts'
import { answerNotServing, answerRefusal, invalid, Refusal } from './http/refusal.ts'
import { robotAccountRoutes } from './robot-accounts/robot-account.routes.ts'
import { NotUnsealed } from './secrets/seal.ts'
import { deleteSettingRoutes } from './settings/delete-setting.routes.ts'
import { settingRoutes } from './settings/setting.routes.ts'
import { userRoutes } from './users/user.routes.ts'

export const app: Hono<AppEnv> = new Hono<AppEnv>({
  getPath: canonicalPath(() => app.routes.map((route) => route.path)),
})

app.use(applyEffects(app))
app.use(observe)

app.route('/', healthRoutes)
app.route(BASE_PATH, connectRoutes)
app.route(BASE_PATH, settingRoutes)
app.route(BASE_PATH, deleteSettingRoutes)
app.route(BASE_PATH, groupRoutes)
app.route(BASE_PATH, changeGroupRoutes)
app.route(BASE_PATH, robotAccountRoutes)
app.route(BASE_PATH, directoryRoutes)
app.route(BASE_PATH, userRoutes)

// Real server: its own documents stand at /swagger/external and /swagger/internal.
app.get(`${BASE_PATH}/swagger/external/swagger.json`, (c) => ok(c, openApi(operations(app), originOf(c.req.url))))

const otherMethods = methodNotAllowed({
  app,
  onMethodNotAllowed: (c, allow) => answerRefusal(c, { is: 'methodNotAllowed', allow }),
})

app.notFound(async (c) => {
  c.res = answerRefusal(c, { is: 'notFound' })
  await otherMethods(c, async () => {})
  return c.res
})

const CONSEQUENCE = {
  none: 'The database did not answer. Nothing was changed; the request can be sent again.',
  unknown: 'The database did not answer. Whether the change took place is not known; a read tells.',
}

app.onError((error, c) => {
  if (error instanceof Interception) return error.response
  if (error instanceof Refusal) return answerRefusal(c, error.reason)
  // Hono's validators throw these for a body that cannot be parsed.
  if (error instanceof HTTPException && error.status === 400) {
    return answerRefusal(c, invalid('', 'The request body is not valid JSON.').reason)
  }
  if (!logsRequests(c.env)) console.error(describeError(error))
  if (error instanceof DatabaseFailure)
    return answerRefusal(c, { is: 'unavailable', detail: CONSEQUENCE[error.effect] })
  if (error instanceof NotUnsealed) return answerNotServing(['a stored secret is sealed under a key that is missing'])
  return answerRefusal(c, { is: 'failed' })
})
