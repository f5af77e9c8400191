// The table of contents: the middleware that every request passes, then the routes of each room.
import { type Context, Hono, type Next } from 'hono'
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
import { documentRoutes } from './health/document.routes.ts'
import { healthRoutes } from './health/health.routes.ts'
import { inBody } from './http/json-body.ts'
import { describeError, logsRequests } from './http/log.ts'
import { observe } from './http/observe.ts'
import { BASE_PATH, canonicalPath } from './http/path.ts'
import { answerRefusal, Refusal } from './http/refusal.ts'
import { RememberingRouter } from './http/router.ts'
import { servedMethods } from './http/served-methods.ts'
import { organizationRoutes } from './organizations/organization.routes.ts'
import { isUnexpected, reasonFor } from './reason-for.ts'
import { robotAccountRoutes } from './robot-accounts/robot-account.routes.ts'
import { deleteSettingRoutes } from './settings/delete-setting.routes.ts'
import { settingRoutes } from './settings/setting.routes.ts'
import { endSessionRoutes } from './sign-in/end-session.routes.ts'
import { signInRoutes } from './sign-in/sign-in.routes.ts'
import { userRoutes } from './users/user.routes.ts'

export const app: Hono<AppEnv> = new Hono<AppEnv>({
  router: new RememberingRouter(),
  getPath: canonicalPath(() => app.routes.map((route) => route.path)),
})

const methodsOf = servedMethods(app)

app.use(applyEffects(app))
app.use(observe)
app.use((c, next) => (c.req.method === 'HEAD' ? refuseHead(c, next) : next()))

app.route('/', healthRoutes)
app.route(BASE_PATH, documentRoutes)
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

app.notFound((c) => {
  const allow = methodsOf(c.req.path)
  return answerRefusal(c, allow.length > 0 ? { is: 'methodNotAllowed', allow } : { is: 'notFound' })
})

/** Hono answers HEAD wherever there is a GET. */
async function refuseHead(c: Context<AppEnv>, next: Next) {
  const allow = methodsOf(c.req.path)
  if (allow.includes('GET') && !allow.includes('HEAD')) return answerRefusal(c, { is: 'methodNotAllowed', allow })
  return next()
}

app.onError(async (error, c) => {
  if (error instanceof Interception) return error.response
  // Where requests are logged, the line of this one says what was thrown.
  if (isUnexpected(error) && !logsRequests(c.env)) console.error(describeError(error))
  const reason = reasonFor(error)
  return answerRefusal(c, error instanceof Refusal ? await inBody(c, reason) : reason)
})
