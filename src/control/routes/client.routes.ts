// The OAuth clients of a tenant: listed, added, changed, given new secrets and removed. The main database has them.
import { type Context, Hono } from 'hono'
import * as z from 'zod/mini'
import { plantClient } from '../../connect/client.seed.ts'
import { hashSecret } from '../../connect/client-secret.ts'
import {
  changeClient,
  changeSecret,
  deleteClient,
  listClients,
  type RegisteredClient,
} from '../../connect/registration.queries.ts'
import { openMain } from '../../database/session.ts'
import { created, noContent, ok } from '../../http/ok.ts'
import { invalid } from '../../http/refusal.ts'
import { validate, validateStrictJson } from '../../http/validate.ts'
import { HOST_PARTITION } from '../../partitions/partition.table.ts'
import type { ControlEnv } from '../access/call.ts'
import { ControlProblem, explainConstraint } from '../problem.ts'
import { CLIENT_PROPERTIES, DocumentClient, NOT_FOR_PUBLIC } from '../states/document.schema.ts'
import { newClient, randomText } from '../tenants/tenant-clients.ts'
import { operation } from './operation.ts'
import { requestedTenant, TenantPath } from './tenant-path.ts'

const ClientPath = z.object({ ...TenantPath.shape, client: z.string().check(z.minLength(1), z.maxLength(256)) })

/** What is left out stays as it is. */
const ChangeClient = z.object({ ...CLIENT_PROPERTIES, name: z.nullish(CLIENT_PROPERTIES.name) })

const Client = z.object({
  id: z.string(),
  public: z.boolean(),
  name: z.nullable(z.string()),
  scopes: z.array(z.string()),
  redirectUris: z.array(z.string()),
  grantTypes: z.array(z.string()),
  requirePkce: z.boolean(),
  hostAdmin: z.boolean(),
})
/** The secret is answered once: only its hash is kept. It is empty for a public client. */
const AddedClient = z.object({ ...Client.shape, secret: z.string() })
const NewSecret = z.object({ id: z.string(), secret: z.string() })

const words = (text: string) => text.split(' ').filter(Boolean)

const present = ({ isPublic, scopes, grantTypes, redirectUris, ...client }: RegisteredClient) => ({
  ...client,
  public: isPublic,
  scopes: words(scopes),
  grantTypes: words(grantTypes),
  redirectUris: z.parse(Client.shape.redirectUris, JSON.parse(redirectUris)),
})

async function addClient(c: Context<ControlEnv>, tenant: string, given: DocumentClient) {
  const { id: partition, name } = await requestedTenant(c, tenant)
  const client = newClient(name, given)
  // Faults are asked for by tests, of a tenant of theirs: not by who acts on all of them.
  const planted = await plantClient({ ...client, partition, mayPrefer: partition !== HOST_PARTITION })
  await openMain(c, partition)
    .batch(planted)
    .catch((error: unknown) => {
      throw explainConstraint(error)
    })
  return { ...client, public: client.secret === '' }
}

async function changed(c: Context<ControlEnv>, own: z.infer<typeof ClientPath>, given: z.infer<typeof ChangeClient>) {
  const { id: partition } = await requestedTenant(c, own.tenant)
  const { name, scopes, redirectUris, grantTypes, requirePkce } = given
  const client = await changeClient(openMain(c, partition), {
    ...{ partition, id: own.client },
    ...{ name: name ?? null, renames: name !== undefined },
    scopes: scopes?.join(' ') ?? null,
    redirectUris: redirectUris ? JSON.stringify(redirectUris) : null,
    grantTypes: grantTypes?.join(' ') ?? null,
    requirePkce: requirePkce ?? null,
    forPublic: !grantTypes?.includes('client_credentials'),
  })
  if (client) return present(client)
  await requireClient(c, partition, own.client)
  throw invalid('grantTypes', NOT_FOR_PUBLIC)
}

async function rotated(c: Context<ControlEnv>, { tenant, client: id }: z.infer<typeof ClientPath>) {
  const { id: partition } = await requestedTenant(c, tenant)
  const secret = randomText(32)
  const own = { partition, id, secretHash: await hashSecret(secret) }
  if (await changeSecret(openMain(c, partition), own)) return { id, secret }
  await requireClient(c, partition, id)
  throw new ControlProblem(409, 'A public client has no secret.')
}

const NONE = 'The tenant has no such client.'

/** @throws ControlProblem 404 */
async function requireClient(c: Context<ControlEnv>, partition: string, id: string) {
  const found = await listClients(openMain(c), partition)
  if (!found.some((client) => client.id === id)) throw new ControlProblem(404, NONE)
}

export const clientRoutes = new Hono<ControlEnv>()
  .get(
    '/tenants/:tenant/clients',
    operation({
      operationId: 'listClients',
      key: 'tenant',
      summary: 'The OAuth clients of a tenant by their ids, without their secrets.',
      answer: z.object({ results: z.array(Client) }),
    }),
    validate('param', TenantPath),
    async (c) => {
      const { id } = await requestedTenant(c, c.req.valid('param').tenant)
      return ok(c, { results: (await listClients(openMain(c), id)).map(present) })
    },
  )
  .post(
    '/tenants/:tenant/clients',
    operation({
      operationId: 'addClient',
      key: 'tenant',
      summary: 'Registers an OAuth client. The answer shows its secret, once.',
      answer: AddedClient,
      status: 201,
      problems: [409],
    }),
    validate('param', TenantPath),
    validateStrictJson(DocumentClient),
    async (c) => created(c, await addClient(c, c.req.valid('param').tenant, c.req.valid('json'))),
  )
  .patch(
    '/tenants/:tenant/clients/:client',
    operation({
      operationId: 'changeClient',
      key: 'tenant',
      summary: 'Changes of an OAuth client what is given, and nothing else.',
      answer: Client,
    }),
    validate('param', ClientPath),
    validateStrictJson(ChangeClient),
    async (c) => ok(c, await changed(c, c.req.valid('param'), c.req.valid('json'))),
  )
  .post(
    '/tenants/:tenant/clients/:client/secret',
    operation({
      operationId: 'rotateClientSecret',
      key: 'tenant',
      summary: 'Gives an OAuth client a new secret in place of the old one. The answer shows it, once.',
      answer: NewSecret,
      status: 201,
      problems: [409],
    }),
    validate('param', ClientPath),
    async (c) => created(c, await rotated(c, c.req.valid('param'))),
  )
  .delete(
    '/tenants/:tenant/clients/:client',
    operation({ operationId: 'removeClient', key: 'tenant', summary: 'Removes an OAuth client.' }),
    validate('param', ClientPath),
    async (c) => {
      const { tenant, client: id } = c.req.valid('param')
      const { id: partition } = await requestedTenant(c, tenant)
      if (!(await deleteClient(openMain(c, partition), { partition, id }))) throw new ControlProblem(404, NONE)
      return noContent(c)
    },
  )
