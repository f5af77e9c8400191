// Creates, finds, lists, resets, copies and removes tenants.
import { type Context, Hono } from 'hono'
import * as z from 'zod/mini'
import { issuerOf } from '../../auth/issuer.ts'
import { databasesBeside, databasesFor, openMain, openPartition } from '../../database/session.ts'
import { created, noContent, ok } from '../../http/ok.ts'
import { oneOf } from '../../http/one-of.ts'
import { originOf } from '../../http/path.ts'
import { now } from '../../http/timestamp.ts'
import { validate, validateStrictJson } from '../../http/validate.ts'
import { passwordsToSet } from '../../users/dumped-passwords.ts'
import type { ControlEnv } from '../access/call.ts'
import { reachOf } from '../access/caller.ts'
import { TenantDocument } from '../states/document.schema.ts'
import { DEFAULT_DOCUMENT, readDocument } from '../states/document.ts'
import { resetTenant } from '../states/snapshots.ts'
import { createTenant } from '../tenants/create-tenant.ts'
import { sweep } from '../tenants/expired-tenants.ts'
import { rememberTenant } from '../tenants/known-tenants.ts'
import { deleteTenant, listTenants, presentTenant, type TenantRow } from '../tenants/tenants.ts'
import { operation } from './operation.ts'
import { queryNumber } from './query-number.ts'
import { requestedTenant, TenantPath, withTenant } from './tenant-path.ts'

/** The largest body with a tenant's document; larger ones are refused with 413. In bytes. */
export const MAX_DOCUMENT = 32 * 1024 * 1024

const ttl = z.optional(z.int().check(z.minimum(1), z.maximum(31_536_000)))
const name = z.optional(
  z.string().check(z.regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i, 'The name is not one of an organization.')),
)

/** Which access tokens of the tenant the answer has: a signature each. */
const tokens = z.optional(z.array(oneOf('value', ['admin', 'reader'])))

/** Also those that were not made on demand. */
const flag = oneOf('value', ['true', 'false'])

/** What is chosen for a tenant when it is made, whatever it is made of. */
const OPTIONS = {
  name,
  ttl,
  /** Whether requests are written to the journal; that costs each of them a round trip. */
  journal: z.optional(z.boolean()),
  /** Whether its users may sign in without a password. Said of each tenant: a fork does not have it from the other. */
  passwordless: z.optional(z.boolean()),
  tokens,
}
const { name: named, ttl: timed, ...others } = OPTIONS
const CreateTenant = z.object({ name: named, ttl: timed, seed: z.optional(TenantDocument), ...others })
const ForkTenant = z.object(OPTIONS)

export const Tenant = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  team: z.nullable(z.string()),
  createdAt: z.nullable(z.string()),
  expiresAt: z.nullable(z.string()),
})
export const CreatedTenant = z.object({
  ...Tenant.shape,
  /** A key for this tenant alone. It is answered once: only its hash is kept. */
  key: z.string(),
  clients: z.array(
    z.object({ id: z.string(), secret: z.string(), scopes: z.array(z.string()), hostAdmin: z.literal(false) }),
  ),
  tokens: z.optional(z.object({ admin: z.optional(z.string()), reader: z.optional(z.string()) })),
  users: z.array(z.object({ id: z.string(), userName: z.string() })),
  /** The names of users of the seed whose passwords do not hold here and have to be set anew; left out if there are none. */
  passwordsToSet: z.optional(z.array(z.string())),
})

const siteOf = (c: Context<ControlEnv>) => ({
  env: c.env,
  databases: databasesFor(c),
  beside: databasesBeside(c),
  issuer: issuerOf(c),
  caller: c.get('call').caller,
})

/**
 * Names the tenant that was made in the log, and remembers it for calls about it. Starts a sweep if it expires and nothing else would remove it, as in a local
 * run.
 */
function noteNew(c: Context<ControlEnv>, row: TenantRow) {
  const { id, expiresAt } = row
  rememberTenant(c.env, id, row)
  c.get('timing')?.note({ partition: id })
  if (expiresAt !== null && c.env.EMBEDDED) c.executionCtx.waitUntil(sweep(c.env, databasesBeside(c)))
}

export const tenantRoutes = new Hono<ControlEnv>()
  .post(
    '/tenants',
    operation({
      operationId: 'createTenant',
      key: 'team',
      summary: 'Makes a tenant.',
      answer: CreatedTenant,
      status: 201,
      problems: [409, 422],
    }),
    validateStrictJson(CreateTenant, MAX_DOCUMENT),
    async (c) => {
      const { seed, tokens = ['admin', 'reader'], ...rest } = c.req.valid('json')
      const wanted = { ...rest, tokens }
      const document = seed ?? DEFAULT_DOCUMENT
      const filled = await readDocument(c.env, document, now(c))
      const { row, ...made } = await createTenant(siteOf(c), wanted, { filled, clients: document.clients })
      noteNew(c, row)
      const lost = await passwordsToSet(c.env, document.users)
      const answer = { ...presentTenant(originOf(c.req.url), row), ...made }
      return created(c, lost.length > 0 ? { ...answer, passwordsToSet: lost } : answer)
    },
  )
  .get(
    '/tenants',
    operation({
      operationId: 'listTenants',
      key: 'tenant',
      summary: 'Tenants made on demand, newest first, at most 1,000 at a time.',
      answer: z.object({ results: z.array(Tenant), next: z.nullable(z.int()) }),
    }),
    validate('query', z.object({ all: z.optional(flag), skip: queryNumber(0, 999_999_999, 0) })),
    async (c) => {
      const origin = originOf(c.req.url)
      const { all, skip } = c.req.valid('query')
      const found = await listTenants(openMain(c), reachOf(c.get('call').caller), all === 'true', skip)
      return ok(c, { results: found.tenants.map((row) => presentTenant(origin, row)), next: found.next })
    },
  )
  .get(
    '/tenants/:tenant',
    operation({ operationId: 'getTenant', key: 'tenant', summary: 'A tenant, by id or name.', answer: Tenant }),
    validate('param', TenantPath),
    async (c) => {
      const row = await requestedTenant(c, c.req.valid('param').tenant)
      return ok(c, presentTenant(originOf(c.req.url), row))
    },
  )
  .delete(
    '/tenants/:tenant',
    operation({
      operationId: 'deleteTenant',
      key: 'tenant',
      summary: 'Removes a tenant made on demand, and all it has.',
      problems: [409],
    }),
    validate('param', TenantPath),
    async (c) => {
      await withTenant(c, c.req.valid('param').tenant, (row, databases) => deleteTenant(c.env, databases, row))
      return noContent(c)
    },
  )
  .post(
    '/tenants/:tenant/reset',
    operation({
      operationId: 'resetTenant',
      key: 'tenant',
      summary: 'Makes a tenant what it began as: its data, without faults, clock and journal.',
      problems: [409],
    }),
    validate('param', TenantPath),
    async (c) => {
      const { id } = await requestedTenant(c, c.req.valid('param').tenant)
      await resetTenant(c.env, openPartition(c, id, 'current'), id)
      return noContent(c)
    },
  )
  .post(
    '/tenants/:tenant/fork',
    operation({
      operationId: 'forkTenant',
      key: 'team',
      summary: 'Makes a tenant with all that another has now.',
      answer: CreatedTenant,
      status: 201,
      problems: [409],
    }),
    validate('param', TenantPath),
    validateStrictJson(ForkTenant),
    async (c) => {
      const { tokens = [], ...rest } = c.req.valid('json')
      const { row, ...made } = await withTenant(c, c.req.valid('param').tenant, (source, databases) =>
        createTenant({ ...siteOf(c), databases }, { ...rest, tokens }, { source: source.id }),
      )
      noteNew(c, row)
      return created(c, { ...presentTenant(originOf(c.req.url), row), ...made })
    },
  )
