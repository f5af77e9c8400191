// The table of contents: the middleware that every request passes, then the routes of each room.
import { Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { connectRoutes } from './connect/connect.routes.ts'
import { discoveryRoutes } from './connect/discovery.routes.ts'
import { introspectRoutes } from './connect/introspect.routes.ts'
import { userInfoRoutes } from './connect/userinfo.routes.ts'
import { applyEffects } from './control/effects/apply-effects.ts'
import { Interception } from './database/request-effects.ts'
import type { AppEnv } from './database/session.ts'
import { deviceRoutes } from './devices/device.routes.ts'
import { deviceAuthorizationRoutes } from './devices/device-authorization.routes.ts'
import { directoryRoutes } from './directory/directory.routes.ts'
import { changeGroupRoutes } from './groups/change-group.routes.ts'
import { groupRoutes } from './groups/group.routes.ts'
import { healthRoutes } from './health/health.routes.ts'
import { asset } from './http/asset.ts'
import { inBody } from './http/json-body.ts'
import { describeError, logsRequests } from './http/log.ts'
import { observe } from './http/observe.ts'
import { BASE_PATH, canonicalPath } from './http/path.ts'
import { answerRefusal, Refusal } from './http/refusal.ts'
import { organizationRoutes } from './organizations/organization.routes.ts'
import { isUnexpected, reasonFor } from './reason-for.ts'
import { robotAccountRoutes } from './robot-accounts/robot-account.routes.ts'
import { deleteSettingRoutes } from './settings/delete-setting.routes.ts'
import { settingRoutes } from './settings/setting.routes.ts'
import { endSessionRoutes } from './sign-in/end-session.routes.ts'
import { signInRoutes } from './sign-in/sign-in.routes.ts'
import { userRoutes } from './users/user.routes.ts'

export const app: Hono<AppEnv> = new Hono<AppEnv>({
  getPath: canonicalPath(() => app.routes.map((route) => route.path)),
})

app.use(applyEffects(app))
app.use(observe)

app.route('/', healthRoutes)
app.route(BASE_PATH, connectRoutes)
app.route(BASE_PATH, discoveryRoutes)
app.route(BASE_PATH, userInfoRoutes)
app.route(BASE_PATH, introspectRoutes)
app.route(BASE_PATH, deviceAuthorizationRoutes)
app.route(BASE_PATH, signInRoutes)
app.route(BASE_PATH, endSessionRoutes)
app.route(BASE_PATH, deviceRoutes)
app.route('/', organizationRoutes)
app.route(BASE_PATH, settingRoutes)
app.route(BASE_PATH, deleteSettingRoutes)
app.route(BASE_PATH, groupRoutes)
app.route(BASE_PATH, changeGroupRoutes)
app.route(BASE_PATH, robotAccountRoutes)
app.route(BASE_PATH, directoryRoutes)
app.route(BASE_PATH, userRoutes)

// Real server: its own documents stand at /swagger/external and /swagger/internal.
app.get(`${BASE_PATH}/swagger/external/swagger.json`, (c) => asset(c, '/openapi/external.json'))
app.get(`${BASE_PATH}/swagger/external/swagger.yaml`, (c) => asset(c, '/openapi/external.yaml'))

const otherMethods = methodNotAllowed({
  app,
  onMethodNotAllowed: (c, allow) => answerRefusal(c, { is: 'methodNotAllowed', allow }),
})

app.notFound(async (c) => {
  c.res = answerRefusal(c, { is: 'notFound' })
  await otherMethods(c, async () => {})
  return c.res
})

app.onError(async (error, c) => {
  if (error instanceof Interception) return error.response
  // Where requests are logged, the line of this one says what was thrown.
  if (isUnexpected(error) && !logsRequests(c.env)) console.error(describeError(error))
  const reason = reasonFor(error)
  return answerRefusal(c, error instanceof Refusal ? await inBody(c, reason) : reason)
})
