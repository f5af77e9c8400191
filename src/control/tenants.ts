// Tenants made on demand: partitions of their own, with clients, users and a way back to their beginning.
import { sql } from 'drizzle-orm'
import type { Context } from 'hono'
import { base64url } from 'jose'
import { issuerOf } from '../auth/issuer.ts'
import { keyRing } from '../auth/keys.ts'
import { SCOPES } from '../auth/scopes.ts'
import { plantClient } from '../connect/client.seed.ts'
import { clients } from '../connect/client.table.ts'
import { claimsFor, signToken } from '../connect/issue-token.ts'
import { type Bound, bind } from '../database/database.ts'
import { databaseOf, MAIN } from '../database/placement.ts'
import { type AppEnv, openMain, openPartition } from '../database/session.ts'
import { statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { originOf } from '../http/path.ts'
import { plantPartition } from '../partitions/partition.seed.ts'
import { partitions } from '../partitions/partition.table.ts'
import { beginControl, forget, learnNew, load } from './armed.ts'
import { tenants } from './control.table.ts'
import type { DocumentClient, TenantDocument } from './document.schema.ts'
import { DEFAULT_DOCUMENT, SECTIONS, type Sections } from './document.ts'
import { ControlProblem } from './problem.ts'
import { sealSections } from './seal-sections.ts'
import { capture, keepSection, plantFirst } from './sections.ts'

/** The snapshot a tenant began as. */
export const SEED = ''

type Hop = Context<AppEnv>

export interface TenantRow {
  id: string
  name: string
  createdAt: number | null
  expiresAt: number | null
}

const { placeholder } = sql

const columns = sql`${partitions.id} as "id", ${partitions.name} as "name", ${tenants.createdAt} as "createdAt",
  ${tenants.expiresAt} as "expiresAt"`

// A partition can be named by its id or its name; the id counts first.
const selectTenant = statement<{ tenant: string }, TenantRow>(
  () => sql`
    select ${columns} from ${partitions} left join ${tenants} on ${tenants.partitionId} = ${partitions.id}
    where ${partitions.id} = ${placeholder('tenant')} or ${partitions.name} = ${placeholder('tenant')}
    order by ${partitions.id} = ${placeholder('tenant')} desc limit 1`,
)

/** Whether it only waits to be removed. */
const isOver = ({ expiresAt }: TenantRow) => expiresAt !== null && expiresAt <= Date.now()

/** Any partition, whether made on demand or not. @throws ControlProblem 404 */
export async function findTenant(c: Hop, tenant: string): Promise<TenantRow> {
  const found = await openMain(c).first(selectTenant, { tenant })
  if (!found || isOver(found)) throw new ControlProblem(404, 'There is no such tenant.')
  return found
}

const selectTenants = statement<{ limit: number }, TenantRow>(
  () => sql`
    select ${columns} from ${tenants} join ${partitions} on ${partitions.id} = ${tenants.partitionId}
    order by ${tenants.createdAt} desc limit ${placeholder('limit')}`,
)

/** Those made on demand, newest first, at most 1,000. */
export const listTenants = async (c: Hop) =>
  (await openMain(c).all(selectTenants, { limit: 1000 })).filter((tenant) => !isOver(tenant))

const insertTenant = statement<{ partition: string; at: number; expires: number | null }>(
  () => sql`
    insert into ${tenants} (partition_id, created_at, expires_at)
    values (${placeholder('partition')}, ${placeholder('at')}, ${placeholder('expires')})`,
)

export interface NewTenant {
  name?: string | undefined
  /** In seconds. */
  ttl?: number | undefined
  journal?: boolean | undefined
}

export interface NewClient {
  id: string
  secret: string
  scopes: string[]
  hostAdmin: false
}

/** A tenant with what its sections say, or with all that `source` has now. All of it in one step. */
export async function createTenant(
  c: Hop,
  { name: given, ttl, journal = false }: NewTenant,
  origin: { sections: Sections; clients?: readonly DocumentClient[] | undefined } | { source: string },
) {
  const at = Date.now()
  const partition = newPartition(c.env, 'source' in origin ? origin.source : undefined)
  const name = given ?? `t-${partition.replaceAll('-', '').slice(0, 16)}`
  const expires = ttl === undefined ? null : at + ttl * 1000
  const fresh = newClients(name, 'clients' in origin ? origin.clients : undefined)
  const data = [
    ...('source' in origin
      ? [capture(origin.source, partition, SEED, at)]
      : keepSections(partition, SEED, await sealSections(c.env, origin.sections), at)),
    ...plantFirst(partition, SEED, at),
    ...(journal ? [beginControl(partition, { journal })] : []),
  ]
  const own = [
    bind(insertTenant, { partition, at, expires }),
    ...(await Promise.all(fresh.map((client) => plantClient({ ...client, partition, mayPrefer: true })))),
  ]
  const row: TenantRow = { id: partition, name, createdAt: at, expiresAt: expires }
  // Tokens of a tenant that does not come to be are good for nothing.
  const [tokens, users] = await Promise.all([
    tokensFor(c, row, at),
    write(c, partition, [plantPartition({ id: partition, name })], data, own),
  ])
  if (journal) await rememberArmed(c, partition)
  else learnNew(c.env, partition)
  return { row, clients: fresh, tokens, users }
}

// One isolate would find out with the tenant's first request; a deployment has many, and this one is no better.
const rememberArmed = (c: Hop, partition: string) => (c.env.EMBEDDED ? load(c.env, partition) : undefined)

const selectUsers = statement<{ partition: string }, { id: string; userName: string }>(
  () => sql`
    select d.id as "id", d.name as "userName" from ${directoryEntities} d
    where d.partition_id = ${placeholder('partition')} and d.type = 0 order by d.seq limit 1000`,
)

/** The partition's own database holds its data, the main one its clients as well; mostly they are the same. Gives the users. */
async function write(
  c: Hop,
  partition: string,
  both: readonly Bound<unknown>[],
  data: readonly Bound<unknown>[],
  own: readonly Bound<unknown>[],
) {
  const users = bind(selectUsers, { partition })
  try {
    if (databaseOf(c.env, partition).name === MAIN) {
      return last(await openMain(c).batch(...both, ...data, ...own, users))
    }
    const planted = last(await openPartition(c, partition, 'current').batch(...both, ...data, users))
    await openMain(c).batch(...both, ...own)
    return planted
  } catch (error) {
    throw contradiction(error)
  }
}

// The type of a batch's end is lost behind what is spread before it.
const last = (rows: readonly (readonly unknown[])[]) => rows.at(-1) as { id: string; userName: string }[]

/** What the database refuses of a document contradicts itself, or what others have. */
export function contradiction(error: unknown): unknown {
  const [, columns = ''] =
    /UNIQUE constraint failed: ([\w., ]+)/.exec(error instanceof Error ? error.message : '') ?? []
  if (columns === '') return error
  if (columns.includes('partitions.')) return new ControlProblem(409, 'There is a tenant of that name.')
  if (columns.includes('clients.')) {
    return new ControlProblem(409, 'A client of that id is another tenant’s. Leave the id out to be given one.')
  }
  return new ControlProblem(422, `The document has two of the same: ${columns}.`)
}

export const keepSections = (partition: string, name: string, sections: Sections, at: number): Bound<unknown>[] =>
  SECTIONS.flatMap((section) => keepSection({ partition, name, at }, section, sections[section]))

/** An id whose place is where `beside` is, so that the one can be copied to the other. */
function newPartition(env: Cloudflare.Env, beside: string | undefined): string {
  for (;;) {
    const id = crypto.randomUUID()
    if (beside === undefined || databaseOf(env, id).name === databaseOf(env, beside).name) return id
  }
}

const READER_SCOPES = SCOPES.filter((scope) => scope.endsWith('.Read'))

function newClients(name: string, given: readonly DocumentClient[] | undefined): NewClient[] {
  const wanted = given ?? [
    { id: `${name}-admin`, scopes: [...SCOPES] },
    { id: `${name}-reader`, scopes: READER_SCOPES },
  ]
  return wanted.map(({ id = `${name}-${randomText(6)}`, secret = randomText(32), scopes = [...SCOPES] }) => ({
    id,
    secret,
    scopes: [...scopes],
    hostAdmin: false,
  }))
}

const deleteClient = statement<{ partition: string; id: string }>(
  () => sql`delete from ${clients} where id = ${placeholder('id')} and partition_id = ${placeholder('partition')}`,
)

/** What makes these the clients of those ids; one of another tenant fails the batch. */
export async function replaceClients({ id: partition, name }: TenantRow, given: readonly DocumentClient[] = []) {
  const planted = newClients(name, given).map(
    async (client): Promise<Bound<unknown>[]> => [
      bind(deleteClient, { partition, id: client.id }),
      await plantClient({ ...client, partition, mayPrefer: true }),
    ],
  )
  return (await Promise.all(planted)).flat()
}

const randomText = (bytes: number) => base64url.encode(crypto.getRandomValues(new Uint8Array(bytes)))

/** The client tokens are for that no client asked for. */
export const testsClient = ({ id, name }: Pick<TenantRow, 'id' | 'name'>, scopes: readonly string[]) => ({
  id: `${name}-tests`,
  partitionId: id,
  scopes: scopes.join(' '),
  hostAdmin: false,
  mayPrefer: true,
})

async function tokensFor(c: Hop, row: TenantRow, now: number) {
  const ring = await keyRing(c.env)
  const token = (scopes: readonly string[]) =>
    signToken(ring, claimsFor(issuerOf(c), testsClient(row, scopes), scopes, now))
  const [admin, reader] = await Promise.all([token(SCOPES), token(READER_SCOPES)])
  return { admin, reader }
}

/** How a tenant looks on the wire. */
export const presentTenant = (c: Hop, { id, name, createdAt, expiresAt }: TenantRow) => ({
  id,
  name,
  url: `${originOf(c.req.url)}/${name}`,
  createdAt: createdAt === null ? null : new Date(createdAt).toISOString(),
  expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
})

const deletePartition = statement<{ partition: string }>(
  () => sql`delete from ${partitions} where id = ${placeholder('partition')}`,
)

/** Removes a tenant made on demand with everything it has. @throws ControlProblem 409 for another */
export async function deleteTenant(c: Hop, { id, createdAt }: TenantRow) {
  if (createdAt === null) throw new ControlProblem(409, 'Only a tenant made on demand can be removed.')
  if (databaseOf(c.env, id).name !== MAIN) await openPartition(c, id, 'current').all(deletePartition, { partition: id })
  await openMain(c).all(deletePartition, { partition: id })
  forget(c.env, id)
}

const selectExpired = statement<{ now: number }, TenantRow>(
  () => sql`
    select ${columns} from ${tenants} join ${partitions} on ${partitions.id} = ${tenants.partitionId}
    where ${tenants.expiresAt} <= ${placeholder('now')} order by ${tenants.expiresAt} limit 1000`,
)

/** Removes the expired. */
export async function removeExpired(c: Hop) {
  for (const tenant of await openMain(c).all(selectExpired, { now: Date.now() })) await deleteTenant(c, tenant)
}

const selectNextExpiry = statement<Record<never, never>, { at: number | null }>(
  () => sql`select min(${tenants.expiresAt}) as "at" from ${tenants} where ${tenants.expiresAt} is not null`,
)

/** When a database was last looked through here; absent: never. Milliseconds since the epoch. */
const beats = new WeakMap<D1Database, number>()

/** How long a tenant that was made meanwhile and expires earlier may wait. In milliseconds. */
const BEAT = 500

/** An isolate's first request to the plane finds what expired before there was the isolate. */
export const isSwept = ({ DB }: Cloudflare.Env) => beats.has(DB)

/** Where no Cron trigger comes, removes tenants as soon as their time is over, until there is none that has one. */
export async function sweep(c: Hop) {
  const { DB } = c.env
  // One does; a request that is gone does no more.
  if (Date.now() - (beats.get(DB) ?? 0) < 4 * BEAT) return
  for (;;) {
    beats.set(DB, Date.now())
    await removeExpired(c)
    const at = (await openMain(c).first(selectNextExpiry, {}))?.at
    if (at === null || at === undefined) break
    await scheduler.wait(Math.min(BEAT, Math.max(1, at - Date.now() + 1)))
  }
  beats.set(DB, 0)
}

/** The document a tenant is made of if none is given. */
export const documentOr = (given: TenantDocument | undefined): TenantDocument => given ?? DEFAULT_DOCUMENT
