// The control plane as far as its client is tested, in memory, before a tenant that keeps settings and nothing else.
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'

interface Setting {
  key: string
  value: string
}

interface Entry {
  number: number
  method: string
  path: string
  operation: string
  status: number
}

interface Rule {
  id: string
  status?: number
  times?: number
  hits: number
}

interface Tenant {
  id: string
  name: string
  url: string
  createdAt: string
  expiresAt: string | null
  seed: string
  state: { settings: Setting[] }
  snapshots: Map<string, string>
  journal: Entry[]
  faults: Rule[]
  clock: { now: string; frozen: boolean; real: boolean }
  prefer: unknown
}

const tenants = new Map<string, Tenant>()
let made = 0

const stop = (status: 400 | 401 | 404 | 408 | 409, title: string): never => {
  throw new HTTPException(status, { res: Response.json({ title }, { status }) })
}

function make(origin: string, name: string | undefined, state: string, ttl?: number): Tenant {
  made += 1
  const tenant: Tenant = {
    id: crypto.randomUUID(),
    name: name ?? `tenant-${made}`,
    url: `${origin}/${name ?? `tenant-${made}`}`,
    createdAt: new Date().toISOString(),
    expiresAt: ttl ? new Date(Date.now() + ttl * 1000).toISOString() : null,
    seed: state,
    state: JSON.parse(state),
    snapshots: new Map(),
    journal: [],
    faults: [],
    clock: { now: '2026-01-01T00:00:00.0000000Z', frozen: false, real: true },
    prefer: [],
  }
  if (tenants.has(tenant.name)) stop(409, 'The name is taken.')
  tenants.set(tenant.name, tenant)
  return tenant
}

const summary = ({ id, name, url, createdAt, expiresAt }: Tenant) => ({ id, name, url, createdAt, expiresAt })

const description = (tenant: Tenant) => ({
  ...summary(tenant),
  clients: [{ id: `${tenant.name}-admin`, secret: 'secret', scopes: ['PM.Setting'], hostAdmin: false }],
  tokens: { admin: 'admin-token', reader: 'reader-token' },
  users: [{ id: 'u-1', userName: 'luna' }],
})

const find = (idOrName: string): Tenant =>
  [...tenants.values()].find(({ id, name }) => id === idOrName || name === idOrName) ?? stop(404, 'No such tenant.')

const app = new Hono<{ Bindings: { CONTROL_TOKEN: string } }>()
const control = new Hono<{ Bindings: { CONTROL_TOKEN: string } }>()

control.use(async (c, next) => {
  if (c.req.header('authorization') !== `Bearer ${c.env.CONTROL_TOKEN}`) stop(401, 'Unauthorized')
  await next()
})
control.post('/tenants', async (c) => {
  const { name, seed = { settings: [] }, ttl } = await c.req.json()
  if (!Array.isArray(seed.settings)) stop(400, 'Not a seed.')
  return c.json(description(make(new URL(c.req.url).origin, name, JSON.stringify(seed), ttl)), 201)
})
control.get('/tenants', (c) => c.json({ results: [...tenants.values()].map(summary) }))
control.get('/tenants/:id', (c) => c.json(summary(find(c.req.param('id')))))
control.delete('/tenants/:id', (c) => {
  tenants.delete(find(c.req.param('id')).name)
  return c.body(null, 204)
})
control.post('/tenants/:id/fork', async (c) => {
  const { name, ttl } = await c.req.json()
  const state = JSON.stringify(find(c.req.param('id')).state)
  return c.json(description(make(new URL(c.req.url).origin, name, state, ttl)), 201)
})
control.post('/tenants/:id/reset', (c) => {
  const tenant = find(c.req.param('id'))
  tenant.state = JSON.parse(tenant.seed)
  return c.body(null, 204)
})
control.put('/tenants/:id/snapshots/:name', (c) => {
  const tenant = find(c.req.param('id'))
  const name = c.req.param('name')
  tenant.snapshots.set(name, JSON.stringify(tenant.state))
  return c.json({ name, entries: tenant.state.settings.length, createdAt: new Date().toISOString() }, 201)
})
control.post('/tenants/:id/snapshots/:name/restore', (c) => {
  const tenant = find(c.req.param('id'))
  tenant.state = JSON.parse(tenant.snapshots.get(c.req.param('name')) ?? stop(404, 'No such snapshot.'))
  return c.body(null, 204)
})
control.get('/tenants/:id/dump', (c) => c.json({ ...find(c.req.param('id')).state }))
control.put('/tenants/:id/dump', async (c) => {
  const state = await c.req.json()
  if (!Array.isArray(state.settings)) stop(400, 'Not a seed.')
  find(c.req.param('id')).state = state
  return c.body(null, 204)
})
const matching = (id: string, query: Record<string, string>) =>
  find(id).journal.filter(
    ({ method, status }) =>
      (query['method'] ?? method) === method && (query['status'] ?? String(status)) === String(status),
  )
control.get('/tenants/:id/journal', (c) => {
  const results = matching(c.req.param('id'), c.req.query())
  return c.json({ results, count: results.length })
})
control.get('/tenants/:id/journal/count', (c) => c.json({ count: matching(c.req.param('id'), c.req.query()).length }))
control.get('/tenants/:id/journal/wait', async (c) => {
  const { count, timeout, ...filter } = c.req.query()
  const deadline = Date.now() + Number(timeout) * 1000
  for (;;) {
    const results = matching(c.req.param('id'), filter)
    if (results.length >= Number(count)) return c.json({ results, count: results.length })
    if (Date.now() >= deadline) stop(408, 'They did not come.')
    await scheduler.wait(20)
  }
})
control.delete('/tenants/:id/journal', (c) => {
  find(c.req.param('id')).journal = []
  return c.body(null, 204)
})
control.post('/tenants/:id/faults', async (c) => {
  const rule: Rule = { ...(await c.req.json()), id: crypto.randomUUID(), hits: 0 }
  find(c.req.param('id')).faults.push(rule)
  return c.json(rule, 201)
})
control.get('/tenants/:id/faults', (c) => c.json({ results: find(c.req.param('id')).faults }))
control.get('/tenants/:id/faults/:fault', (c) =>
  c.json(find(c.req.param('id')).faults.find(({ id }) => id === c.req.param('fault')) ?? stop(404, 'No such fault.')),
)
control.delete('/tenants/:id/faults/:fault?', (c) => {
  const tenant = find(c.req.param('id'))
  const fault = c.req.param('fault')
  tenant.faults = tenant.faults.filter(({ id }) => fault !== undefined && id !== fault)
  return c.body(null, 204)
})
control.post('/tenants/:id/tokens', async (c) => c.json({ token: btoa(JSON.stringify(await c.req.json())) }, 201))
control.get('/tenants/:id/clock', (c) => c.json(find(c.req.param('id')).clock))
control.put('/tenants/:id/clock', async (c) => {
  const { now, frozen } = await c.req.json()
  find(c.req.param('id')).clock = { now, frozen, real: false }
  return c.json({})
})
control.post('/tenants/:id/clock/advance', async (c) => {
  const { clock } = find(c.req.param('id'))
  const { milliseconds } = await c.req.json()
  clock.now = new Date(Date.parse(clock.now) + milliseconds).toISOString()
  return c.json(clock)
})
control.delete('/tenants/:id/clock', (c) => {
  find(c.req.param('id')).clock.real = true
  return c.body(null, 204)
})
control.put('/tenants/:id/prefer', async (c) => c.json(await c.req.json()))

app.route('/_control', control)
app.get('/health', (c) => c.json({ status: 'ok' }))
app.all('/:tenant/identity_/api/Setting', async (c) => {
  const tenant = find(c.req.param('tenant'))
  const fault = tenant.faults.find(({ times = Number.POSITIVE_INFINITY, hits }) => hits < times)
  if (fault) fault.hits += 1
  const status = fault?.status ?? 200
  const { method, path } = c.req
  if (method === 'PUT' && status === 200) tenant.state.settings.push(...(await c.req.json()).settings)
  const operation = method === 'PUT' ? 'Setting_UpdateSettings' : 'Setting_GetSettingsBulk'
  tenant.journal.push({ number: tenant.journal.length + 1, method, path, operation, status })
  const keys = c.req.queries('key')
  const settings = tenant.state.settings.filter(({ key }) => keys?.includes(key) ?? true)
  return Response.json(settings, { status })
})

export default app
