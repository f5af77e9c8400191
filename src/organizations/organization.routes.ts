// What other services of the vendor say of an organization, as far as its clients ask for it once a user has signed in.
import { type Context, Hono } from 'hono'
import * as z from 'zod/mini'
import { authorize, type CallerEnv } from '../auth/authorize.ts'
import { ownPartition, reachPartition } from '../auth/reach-partition.ts'
import { ADMINISTERING } from '../auth/roles.ts'
import type { AppEnv } from '../database/session.ts'
import { describe } from '../http/contract.ts'
import { html, page } from '../http/html.ts'
import { known } from '../http/identifier.ts'
import { ok } from '../http/ok.ts'
import { validate } from '../http/validate.ts'
import { findPartition } from '../partitions/find-partition.ts'
import { PartitionPath } from '../partitions/partition.schema.ts'

const Tenant = z.object({ id: z.string(), name: z.string() })

const TenantsAndOrganization = z.object({
  tenants: z.array(z.object({ ...Tenant.shape, displayName: z.string(), serviceInstances: z.array(z.unknown()) })),
  organization: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
})

const AllInfo = z.object({
  organization: z.object({ id: z.string(), logicalName: z.string() }),
  tenants: z.array(Tenant),
})

const EVERYBODY = [...ADMINISTERING, 'user'] as const

export const organizationRoutes = new Hono<AppEnv>()
  .get(
    '/portal_/api/filtering/leftnav/tenantsAndOrganizationInfo',
    authorize({
      operationId: 'Portal_GetTenantsAndOrganizationInfo',
      summary: "The token's organization and its one tenant.",
      answer: TenantsAndOrganization,
      evidence: 'observed',
      scopes: [],
      callers: EVERYBODY,
    }),
    async (c) => {
      const { id, name } = await organizationFor(c, ownPartition(c))
      const tenants = [{ ...(await tenantOf(id)), displayName: TENANT, serviceInstances: [] }]
      return ok(c, { tenants, organization: { id, name, displayName: name } })
    },
  )
  .get(
    '/organization_/api/organization/:partitionGlobalId/AllInfo',
    authorize({
      operationId: 'Organization_GetAllInfo',
      summary: 'An organization and its one tenant.',
      answer: AllInfo,
      evidence: 'observed',
      scopes: [],
      callers: EVERYBODY,
    }),
    validate('param', PartitionPath),
    async (c) => {
      const { id, name } = await organizationFor(c, c.req.valid('param').partitionGlobalId)
      return ok(c, { organization: { id, logicalName: name }, tenants: [await tenantOf(id)] })
    },
  )
  .get(
    '/portal_/unregistered',
    describe(
      {
        operationId: 'Portal_Unregistered',
        summary: 'The page for an organization that there is not.',
        evidence: 'observed; the page is own',
        page: true,
        status: 200,
      },
      (c: Context<AppEnv>) =>
        page(c, {
          title: 'There is no such organization',
          body: html`<h1>There is no such organization</h1>
<p>No organization is called <strong>${c.req.query('organizationName') ?? ''}</strong> here.</p>`,
        }),
    ),
  )

async function organizationFor(c: Context<CallerEnv>, requested: string) {
  const { partition, database } = await reachPartition(c, requested)
  return known(await findPartition(database, partition), 'partitionGlobalId', partition)
}

/** Real server: what an organization's first tenant is called (observed). Here it has no other. */
const TENANT = 'DefaultTenant'

/** The tenant's id is made of the organization's: it is the same each time and in every isolate. */
async function tenantOf(organization: string) {
  const text = `${TENANT} ${organization.toLowerCase()}`
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  const digits = Array.from(new Uint8Array(digest, 0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')
  const id = digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5')
  return { id, name: TENANT }
}
