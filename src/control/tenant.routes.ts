// Making, looking up, copying, resetting and removing tenants.
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { type AppEnv, openPartition } from '../database/session.ts'
import { created, noContent, ok } from '../http/ok.ts'
import { now } from '../http/timestamp.ts'
import { validate, validateStrictJson } from '../http/validate.ts'
import { createTenant } from './create-tenant.ts'
import { TenantDocument } from './document.schema.ts'
import { DEFAULT_DOCUMENT, sectionsOf } from './document.ts'
import { operation } from './operation.ts'
import { resetTenant } from './snapshots.ts'
import { deleteTenant, findTenant, listTenants, presentTenant, sweep } from './tenants.ts'

/** Bodies that hold a whole tenant. In bytes. */
export const MAX_DOCUMENT = 32 * 1024 * 1024

export const TenantPath = z.object({ tenant: z.string().check(z.minLength(1), z.maxLength(256)) })

const ttl = z.optional(z.int().check(z.minimum(1), z.maximum(31_536_000)))
const name = z.optional(
  z.string().check(z.regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i, 'The name is not one of an organization.')),
)

const CreateTenant = z.object({
  name,
  ttl,
  seed: z.optional(TenantDocument),
  /** Whether requests are written down; that costs each of them a round trip. */
  journal: z.optional(z.boolean()),
})
const ForkTenant = z.object({ name, ttl, journal: z.optional(z.boolean()) })

const Tenant = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  createdAt: z.nullable(z.string()),
  expiresAt: z.nullable(z.string()),
})
const CreatedTenant = z.object({
  ...Tenant.shape,
  clients: z.array(
    z.object({ id: z.string(), secret: z.string(), scopes: z.array(z.string()), hostAdmin: z.literal(false) }),
  ),
  tokens: z.object({ admin: z.string(), reader: z.string() }),
  users: z.array(z.object({ id: z.string(), userName: z.string() })),
})

export const tenantRoutes = new Hono<AppEnv>()
  .post(
    '/tenants',
    operation({ operationId: 'createTenant', summary: 'Makes a tenant.', answer: CreatedTenant, status: 201 }),
    validateStrictJson(CreateTenant, MAX_DOCUMENT),
    async (c) => {
      const { seed, ...wanted } = c.req.valid('json')
      const document = seed ?? DEFAULT_DOCUMENT
      const sections = sectionsOf(document, now(c))
      const { row, ...rest } = await createTenant(c, wanted, { sections, clients: document.clients })
      if (row.expiresAt !== null && c.env.EMBEDDED) c.executionCtx.waitUntil(sweep(c))
      return created(c, { ...presentTenant(c, row), ...rest })
    },
  )
  .get(
    '/tenants',
    operation({
      operationId: 'listTenants',
      summary: 'Tenants made on demand, newest first.',
      answer: z.object({ results: z.array(Tenant) }),
    }),
    async (c) => ok(c, { results: (await listTenants(c)).map((row) => presentTenant(c, row)) }),
  )
  .get(
    '/tenants/:tenant',
    operation({ operationId: 'getTenant', summary: 'A tenant, by id or name.', answer: Tenant }),
    validate('param', TenantPath),
    async (c) => ok(c, presentTenant(c, await findTenant(c, c.req.valid('param').tenant))),
  )
  .delete(
    '/tenants/:tenant',
    operation({ operationId: 'deleteTenant', summary: 'Removes a tenant made on demand, and all it has.' }),
    validate('param', TenantPath),
    async (c) => {
      await deleteTenant(c, await findTenant(c, c.req.valid('param').tenant))
      return noContent(c)
    },
  )
  .post(
    '/tenants/:tenant/reset',
    operation({
      operationId: 'resetTenant',
      summary: 'Makes a tenant what it began as: its data, without faults, clock and journal.',
    }),
    validate('param', TenantPath),
    async (c) => {
      const { id } = await findTenant(c, c.req.valid('param').tenant)
      await resetTenant(c, id, openPartition(c, id, 'current'))
      return noContent(c)
    },
  )
  .post(
    '/tenants/:tenant/fork',
    operation({
      operationId: 'forkTenant',
      summary: 'Makes a tenant with all that another has now.',
      answer: CreatedTenant,
      status: 201,
    }),
    validate('param', TenantPath),
    validateStrictJson(ForkTenant),
    async (c) => {
      const source = await findTenant(c, c.req.valid('param').tenant)
      const { row, ...rest } = await createTenant(c, c.req.valid('json'), { source: source.id })
      if (row.expiresAt !== null && c.env.EMBEDDED) c.executionCtx.waitUntil(sweep(c))
      return created(c, { ...presentTenant(c, row), ...rest })
    },
  )
