// Makes a tenant, of a document or of another tenant, in one step.
import type { Context } from 'hono'
import { issuerOf } from '../../auth/issuer.ts'
import { keyRing } from '../../auth/keys.ts'
import { SCOPES } from '../../auth/scopes.ts'
import { plantClient } from '../../connect/client.seed.ts'
import { claimsFor, signToken } from '../../connect/issue-token.ts'
import { type Bound, bind } from '../../database/database.ts'
import { databaseOf, MAIN } from '../../database/placement.ts'
import { insertInto } from '../../database/query-builder.ts'
import { type AppEnv, openMain, openPartition } from '../../database/session.ts'
import { type Slots, statement } from '../../database/statement.ts'
import type { Filled } from '../../documents/section.ts'
import { plantPartition } from '../../partitions/partition.seed.ts'
import { type FirstUser, selectFirstUsers } from '../../users/first-users.ts'
import { tenants } from '../control.table.ts'
import { beginControl, learnNew } from '../effects/armed.ts'
import { contradiction } from '../problem.ts'
import type { DocumentClient } from '../states/document.schema.ts'
import { plantFirst } from '../states/plant-snapshot.ts'
import { capture, keepEntries, SEED } from '../states/snapshot-parts.ts'
import { newClients, READER_SCOPES, testsClient } from './tenant-clients.ts'
import type { TenantRow } from './tenants.ts'

type Hop = Context<AppEnv>

type Made = { partition: string; at: number; expires: number | null }

const insertTenant = statement(
  (v: Slots<Made>) => insertInto(tenants).values({ partitionId: v.partition, createdAt: v.at, expiresAt: v.expires }),
  { touches: 'partition' },
)

export interface NewTenant {
  name?: string | undefined
  /** In seconds. */
  ttl?: number | undefined
  journal?: boolean | undefined
}

/** A tenant with these entries, or with all that `source` has now. All of it in one step. */
export async function createTenant(
  c: Hop,
  { name: given, ttl, journal = false }: NewTenant,
  origin: { filled: readonly Filled[]; clients?: readonly DocumentClient[] | undefined } | { source: string },
) {
  const at = Date.now()
  const control = journal ? { journal } : undefined
  const partition = newPartition(c.env, 'source' in origin ? origin.source : undefined)
  const name = given ?? `t-${partition.replaceAll('-', '').slice(0, 16)}`
  const expires = ttl === undefined ? null : at + ttl * 1000
  const fresh = newClients(name, 'clients' in origin ? origin.clients : undefined)
  const data = [
    ...('source' in origin
      ? [capture(origin.source, partition, SEED, at)]
      : keepEntries(partition, SEED, origin.filled, at)),
    ...plantFirst(partition, SEED, at),
    ...(control ? [beginControl(partition, control)] : []),
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
  learnNew(c.env, partition, control)
  return { row, clients: fresh, tokens, users }
}

/** The partition's own database holds its data, the main one its clients as well; mostly they are the same. Gives the users. */
async function write(
  c: Hop,
  partition: string,
  both: readonly Bound<unknown>[],
  data: readonly Bound<unknown>[],
  own: readonly Bound<unknown>[],
) {
  const users = selectFirstUsers(partition)
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
const last = (rows: readonly (readonly unknown[])[]) => rows.at(-1) as FirstUser[]

/** An id whose place is where `beside` is, so that the one can be copied to the other. */
function newPartition(env: Cloudflare.Env, beside: string | undefined): string {
  for (;;) {
    const id = crypto.randomUUID()
    if (beside === undefined || databaseOf(env, id).name === databaseOf(env, beside).name) return id
  }
}

async function tokensFor(c: Hop, row: TenantRow, now: number) {
  const ring = await keyRing(c.env)
  const token = (scopes: readonly string[]) =>
    signToken(ring, claimsFor(issuerOf(c), testsClient(row, scopes), scopes, now))
  const [admin, reader] = await Promise.all([token(SCOPES), token(READER_SCOPES)])
  return { admin, reader }
}
