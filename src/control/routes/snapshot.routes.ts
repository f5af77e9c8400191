// Takes, reads, restores and removes snapshots of a tenant, and reads and loads it as a document.
import { type Context, Hono } from 'hono'
import * as z from 'zod/mini'
import { databaseOf, MAIN } from '../../database/placement.ts'
import { openMain, openPartition } from '../../database/session.ts'
import { created, noContent, ok, okText } from '../../http/ok.ts'
import { oneOf } from '../../http/one-of.ts'
import { forbidden } from '../../http/refusal.ts'
import { stringifyInPieces } from '../../http/stringify-in-pieces.ts'
import { now } from '../../http/timestamp.ts'
import { validate, validateStrictJson } from '../../http/validate.ts'
import { passwordsToSet } from '../../users/dumped-passwords.ts'
import type { ControlEnv } from '../access/call.ts'
import { TenantDocument } from '../states/document.schema.ts'
import { listsOf, PARTS, readDocument, writeDocument } from '../states/document.ts'
import {
  deleteSnapshot,
  dumpTenant,
  listSnapshots,
  loadEntries,
  readSnapshot,
  restoreSnapshot,
  type SnapshotRow,
  takeSnapshot,
} from '../states/snapshots.ts'
import { replaceClients } from '../tenants/tenant-clients.ts'
import { operation } from './operation.ts'
import { MAX_DOCUMENT } from './tenant.routes.ts'
import { requestedTenant, TenantPath } from './tenant-path.ts'

const SnapshotPath = z.object({
  ...TenantPath.shape,
  snapshot: z.string().check(z.regex(/^[\w.-]{1,100}$/, 'A name has letters, digits, _, . and - alone.')),
})
export const Snapshot = z.object({ name: z.string(), entries: z.int(), createdAt: z.string() })

/** Hashes of passwords are in a document only if they are asked for. */
const withHashes = { passwordHashes: z.optional(z.enum(['true', 'false'])) }

/** @throws Refusal 403 where hashes are asked for with a key: those of a copied tenant are of passwords that others chose */
function optionsOf(c: Context<ControlEnv>, { passwordHashes }: { passwordHashes?: string | undefined }) {
  const isAsked = passwordHashes === 'true'
  if (isAsked && c.get('call').caller.kind !== 'root') throw forbidden('Hashes of passwords take the control token.')
  return { passwordHashes: isAsked }
}

async function open(c: Context<ControlEnv>, tenant: string) {
  const { id: partition } = await requestedTenant(c, tenant)
  return { partition, database: openPartition(c, partition, 'current') }
}

const present = (row: SnapshotRow) => ({ ...row, createdAt: new Date(row.createdAt).toISOString() })

export const snapshotRoutes = new Hono<ControlEnv>()
  .get(
    '/tenants/:tenant/snapshots',
    operation({
      operationId: 'listSnapshots',
      key: 'tenant',
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
      key: 'tenant',
      summary: 'Keeps a tenant as it is now, in the place of what had the name before (200; else 201).',
      answer: Snapshot,
      status: 201,
      answers: { 200: Snapshot },
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
    operation({
      operationId: 'readSnapshot',
      key: 'tenant',
      summary: 'A snapshot as a document.',
      answer: TenantDocument,
    }),
    validate('param', SnapshotPath),
    validate('query', z.object(withHashes)),
    async (c) => {
      const { tenant, snapshot } = c.req.valid('param')
      const { partition, database } = await open(c, tenant)
      const parts = await readSnapshot(database, partition, snapshot)
      const document = await writeDocument(c.env, parts, optionsOf(c, c.req.valid('query')))
      return okText(c, await stringifyInPieces(document))
    },
  )
  .delete(
    '/tenants/:tenant/snapshots/:snapshot',
    operation({ operationId: 'deleteSnapshot', key: 'tenant', summary: 'Forgets a snapshot.' }),
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
    operation({
      operationId: 'restoreSnapshot',
      key: 'tenant',
      summary: 'Makes a tenant what a snapshot says, in one step.',
    }),
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
    operation({
      operationId: 'dumpTenant',
      key: 'tenant',
      summary: 'The whole of a tenant as a document.',
      answer: TenantDocument,
    }),
    validate('param', TenantPath),
    validate('query', z.object({ only: z.optional(oneOf('part', PARTS)), ...withHashes })),
    async (c) => {
      const { partition, database } = await open(c, c.req.valid('param').tenant)
      const { only, ...options } = c.req.valid('query')
      const parts = await dumpTenant(database, partition, listsOf(only))
      const document = await writeDocument(c.env, parts, optionsOf(c, options))
      const wanted = only === undefined ? document : { [only]: Reflect.get(document, only) }
      return okText(c, await stringifyInPieces(wanted))
    },
  )
  .put(
    '/tenants/:tenant/dump',
    operation({
      operationId: 'loadTenant',
      key: 'tenant',
      summary: 'Makes a tenant what a document says, in one step.',
      answers: { 200: z.object({ passwordsToSet: z.array(z.string()) }) },
      problems: [409, 422],
    }),
    validate('param', TenantPath),
    validateStrictJson(TenantDocument, MAX_DOCUMENT),
    async (c) => {
      const document = c.req.valid('json')
      const tenant = await requestedTenant(c, c.req.valid('param').tenant)
      const clients = await replaceClients(tenant, document.clients)
      const inMain = databaseOf(c.env, tenant.id).name === MAIN
      const database = openPartition(c, tenant.id, 'current')
      const filled = await readDocument(c.env, document, now(c))
      await loadEntries(database, tenant.id, filled, inMain ? clients : [])
      if (!inMain && clients.length > 0) await openMain(c).batch(...clients)
      const lost = await passwordsToSet(c.env, document.users)
      return lost.length > 0 ? ok(c, { passwordsToSet: lost }) : noContent(c)
    },
  )
