// Snapshots and documents of a tenant.
import { type Context, Hono } from 'hono'
import * as z from 'zod/mini'
import { databaseOf, MAIN } from '../database/placement.ts'
import { type AppEnv, openMain, openPartition } from '../database/session.ts'
import { foldNames } from '../http/fold-names.ts'
import { created, noContent, ok, okText } from '../http/ok.ts'
import { now } from '../http/timestamp.ts'
import { validate, validateStrictJson } from '../http/validate.ts'
import { TenantDocument } from './document.schema.ts'
import { documentOf, sectionsOf } from './document.ts'
import { operation } from './operation.ts'
import { sealSections, unsealSections } from './seal-sections.ts'
import {
  deleteSnapshot,
  dumpTenant,
  listSnapshots,
  loadSections,
  readSnapshot,
  restoreSnapshot,
  type SnapshotRow,
  takeSnapshot,
} from './snapshots.ts'
import { MAX_DOCUMENT, TenantPath } from './tenant.routes.ts'
import { replaceClients } from './tenant-clients.ts'
import { findTenant } from './tenants.ts'

const SnapshotPath = z.object({
  ...TenantPath.shape,
  snapshot: z.string().check(z.regex(/^[\w.-]{1,100}$/, 'A name has letters, digits, _, . and - alone.')),
})
const Snapshot = z.object({ name: z.string(), entries: z.int(), createdAt: z.string() })

async function open(c: Context<AppEnv>, tenant: string) {
  const { id: partition } = await findTenant(c, tenant)
  return { partition, database: openPartition(c, partition, 'current') }
}

/** A document as it can be loaded again: without columns that its accounts have no word for. */
const known = foldNames(TenantDocument)
const textOf = (document: TenantDocument) => JSON.stringify(known(document))

const present = (row: SnapshotRow) => ({ ...row, createdAt: new Date(row.createdAt).toISOString() })

export const snapshotRoutes = new Hono<AppEnv>()
  .get(
    '/tenants/:tenant/snapshots',
    operation({
      operationId: 'listSnapshots',
      summary: 'The snapshots of a tenant.',
      answer: z.object({ results: z.array(Snapshot) }),
    }),
    validate('param', TenantPath),
    async (c) => {
      const { partition, database } = await open(c, c.req.valid('param').tenant)
      return ok(c, { results: (await listSnapshots(database, partition)).map(present) })
    },
  )
  .put(
    '/tenants/:tenant/snapshots/:snapshot',
    operation({
      operationId: 'takeSnapshot',
      summary: 'Keeps a tenant as it is now, in the place of what had the name before (200; else 201).',
      answer: Snapshot,
      status: 201,
    }),
    validate('param', SnapshotPath),
    async (c) => {
      const { tenant, snapshot } = c.req.valid('param')
      const { partition, database } = await open(c, tenant)
      const { replaced, taken } = await takeSnapshot(database, partition, snapshot)
      const body = taken ? present(taken) : {}
      return replaced ? ok(c, body) : created(c, body)
    },
  )
  .get(
    '/tenants/:tenant/snapshots/:snapshot',
    operation({ operationId: 'readSnapshot', summary: 'A snapshot as a document.', answer: TenantDocument }),
    validate('param', SnapshotPath),
    async (c) => {
      const { tenant, snapshot } = c.req.valid('param')
      const { partition, database } = await open(c, tenant)
      return okText(
        c,
        textOf(documentOf(await unsealSections(c.env, await readSnapshot(database, partition, snapshot)))),
      )
    },
  )
  .delete(
    '/tenants/:tenant/snapshots/:snapshot',
    operation({ operationId: 'deleteSnapshot', summary: 'Forgets a snapshot.' }),
    validate('param', SnapshotPath),
    async (c) => {
      const { tenant, snapshot } = c.req.valid('param')
      const { partition, database } = await open(c, tenant)
      await deleteSnapshot(database, partition, snapshot)
      return noContent(c)
    },
  )
  .post(
    '/tenants/:tenant/snapshots/:snapshot/restore',
    operation({ operationId: 'restoreSnapshot', summary: 'Makes a tenant what a snapshot says, in one step.' }),
    validate('param', SnapshotPath),
    async (c) => {
      const { tenant, snapshot } = c.req.valid('param')
      const { partition, database } = await open(c, tenant)
      await restoreSnapshot(database, partition, snapshot)
      return noContent(c)
    },
  )
  .get(
    '/tenants/:tenant/dump',
    operation({ operationId: 'dumpTenant', summary: 'The whole of a tenant as a document.', answer: TenantDocument }),
    validate('param', TenantPath),
    async (c) => {
      const { partition, database } = await open(c, c.req.valid('param').tenant)
      return okText(c, textOf(documentOf(await unsealSections(c.env, await dumpTenant(database, partition)))))
    },
  )
  .put(
    '/tenants/:tenant/dump',
    operation({ operationId: 'loadTenant', summary: 'Makes a tenant what a document says, in one step.' }),
    validate('param', TenantPath),
    validateStrictJson(TenantDocument, MAX_DOCUMENT),
    async (c) => {
      const document = c.req.valid('json')
      const tenant = await findTenant(c, c.req.valid('param').tenant)
      const clients = await replaceClients(tenant, document.clients)
      const inMain = databaseOf(c.env, tenant.id).name === MAIN
      const database = openPartition(c, tenant.id, 'current')
      const sections = await sealSections(c.env, sectionsOf(document, now(c)))
      await loadSections(database, tenant.id, sections, inMain ? clients : [])
      if (!inMain && clients.length > 0) await openMain(c).batch(...clients)
      return noContent(c)
    },
  )
