// Makes a tenant from a document, or as a copy of another tenant.
import { sql } from 'drizzle-orm'
import { keyRing } from '../../auth/keys.ts'
import { SCOPES } from '../../auth/scopes.ts'
import { plantClient } from '../../connect/client.seed.ts'
import { claimsFor, signAccessToken } from '../../connect/issue-token.ts'
import { type Bound, bind } from '../../database/bound.ts'
import { databaseOf } from '../../database/placement.ts'
import { insertInto } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import type { Filled } from '../../documents/section.ts'
import { plantPartition } from '../../partitions/partition.seed.ts'
import { selectFirstUsers } from '../../users/first-users.ts'
import { endCount } from '../access/meter.ts'
import { tenants } from '../control.table.ts'
import { insertSettings } from '../effects/armed.ts'
import { cacheNewPartition } from '../effects/armed-cache.ts'
import type { DocumentClient } from '../states/document.schema.ts'
import { partOf } from '../states/large-change.ts'
import { plantFirst } from '../states/plant-snapshot.ts'
import { copyOf, hasOwnSettings, sizeOf } from '../states/postponed-copies.ts'
import { keepEntries, SEED } from '../states/snapshot-parts.ts'
import { newClients, presentClient, READER_SCOPES, testsClient } from './tenant-clients.ts'
import { holdingOf, lifetimeOf, newTenantKey, requireRoom } from './tenant-limits.ts'
import type { TenantRow } from './tenants.ts'
import { type TenantSite, writeFreely } from './write-tenant.ts'

/** The scopes of the access tokens that a tenant can be made with. */
const TOKENS = { admin: SCOPES, reader: READER_SCOPES }
export type TokenKind = keyof typeof TOKENS

type NewRow = {
  partition: string
  at: number
  expires: number | null
  team: string | null
  key: string | null
  maxRows: number | null
  maxRowsAtOnce: number | null
  passwordless: boolean
  /** What it is a copy of, if the rows of that are still to be made. */
  copyOf: string | null
}

/** It returns how many accounts the copy has, and whether its own settings are made: they are where there are none. */
const insertTenant = statement(
  (v: Slots<NewRow>) =>
    insertInto(tenants)
      .values({
        ...{ partitionId: v.partition, createdAt: v.at, expiresAt: v.expires, team: v.team, keyId: v.key },
        ...{ maxRows: v.maxRows, maxRowsAtOnce: v.maxRowsAtOnce, mark: sql`total_changes()` },
        ...{ passwordless: v.passwordless, copyOf: v.copyOf },
        copyHasSettings: sql`${v.copyOf} is not null and not ${hasOwnSettings(sql`${v.copyOf}`)}`,
      })
      .returning({ size: sizeOf(tenants.copyOf), hasSettings: tenants.copyHasSettings }),
  { touches: 'partition' },
)

export interface NewTenant {
  /** Made up where it is left out. */
  name?: string | undefined
  /** How long it is kept, in seconds; where it is left out as long as the caller's key allows, with the control token for ever. */
  ttl?: number | undefined
  /** Whether requests are written to its journal. */
  journal?: boolean | undefined
  /** Whether its users may sign in without a password, where that is not allowed anyway as in a local run. */
  passwordless?: boolean | undefined
  /** The access tokens that are signed for it. A signature takes as long as all the tenant's rows. */
  tokens: readonly TokenKind[]
}

/** What a new tenant has: the entries and clients of a document, or all that the partition `source` has now. */
type Origin = { filled: readonly Filled[]; clients?: readonly DocumentClient[] | undefined } | { source: string }

/**
 * Makes a tenant with its clients and the snapshot that a reset restores. One atomic batch; two where its
 * partition is not in the main database.
 *
 * @throws ControlProblem 409 for a name that is taken, 422 where the document contradicts itself
 * @throws Refusal 400 or 403 for more than the caller's key allows
 * @example
 * const site = { env: c.env, databases: databasesFor(c), beside: databasesBeside(c), issuer: issuerOf(c), caller }
 * const { row, tokens } = await createTenant(site, { name: 'copy', ttl: 60, tokens: ['admin'] }, { source: tenant.id })
 */
export async function createTenant(
  site: TenantSite,
  { name: given, ttl, journal = false, passwordless = false, tokens: kinds }: NewTenant,
  origin: Origin,
) {
  const { env, issuer, caller } = site
  const at = Date.now()
  const { limits } = caller
  const settings = journal || limits ? { journal, metered: limits !== null } : undefined
  const partition = newPartition(env, 'source' in origin ? origin.source : undefined)
  const name = given ?? `t-${partition.replaceAll('-', '').slice(0, 16)}`
  const seconds = lifetimeOf(ttl, limits)
  const expires = seconds === undefined ? null : at + seconds * 1000
  const clients = newClients(name, 'clients' in origin ? origin.clients : undefined)
  const row: TenantRow = { id: partition, name, createdAt: at, expiresAt: expires, ...holdingOf(caller) }
  const kept = {
    partition,
    at,
    expires,
    passwordless,
    team: row.team,
    key: limits && caller.id,
    maxRows: row.maxRows,
    maxRowsAtOnce: limits?.rowsAtOnce ?? null,
  }
  const planted = plantPartition({ id: partition, name })
  const inserted = (source: string | null) => bind(insertTenant, { ...kept, copyOf: source })
  const both = [planted, inserted(null)]
  // Rows that count against the limits of this request are made with it.
  const mayWait = limits === null
  const data = [
    ...('source' in origin
      ? [planted, ...copyFor(origin.source, row, { at, inserted, mayWait: mayWait && Boolean(env.EMBEDDED) })]
      : await dataOf(origin.filled, row, { at, both, mayWait })),
    ...(settings ? [insertSettings(partition, settings)] : []),
    ...(limits ? endCount(partition) : []),
  ]
  const [key, ...plantedClients] = await Promise.all([
    newTenantKey(caller, row),
    ...clients.map((client) => plantClient({ ...client, partition, mayPrefer: true })),
  ])
  const listing = [...plantedClients, key.insert, ...requireRoom(caller, at)]
  // A copy has the users of its source.
  const users = selectFirstUsers('source' in origin ? origin.source : partition)
  // Signed while the batch is under way. If it fails, nobody is given the tokens, and they name a partition that is not.
  const [tokens, firstUsers] = await Promise.all([
    tokensFor(env, issuer, row, at, kinds),
    writeFreely(site, row, { clients, writes: { both, data, listing, users } }),
  ])
  cacheNewPartition(env, partition, settings)
  const signed = kinds.length > 0 && { tokens }
  return { row, key: key.key, clients: clients.map(presentClient), ...signed, users: firstUsers }
}

/**
 * The statements that make the tenant's own row and all that it has, the present data of `source`.
 * @param inserted the statement of that row, which can note what it is a copy of
 * @param mayWait whether the copy may be noted instead of made
 */
function copyFor(
  source: string,
  { id: partition }: TenantRow,
  { at, inserted, mayWait }: { at: number; inserted: (source: string | null) => Bound<unknown>; mayWait: boolean },
): readonly Bound<unknown>[] {
  const atOnce = () => [inserted(null), ...copyOf(source, partition, at)]
  return mayWait ? [{ ...inserted(source), copies: { source, partition, atOnce } }] : atOnce()
}

/**
 * The statements that make the partition with the entries of a document.
 * @param both those of its own row, which are among them
 * @param mayWait whether they may be made in steps
 */
async function dataOf(
  filled: readonly Filled[],
  { id: partition, name, expiresAt }: TenantRow,
  { at, both, mayWait }: { at: number; both: readonly Bound<unknown>[]; mayWait: boolean },
): Promise<readonly Bound<unknown>[]> {
  const parts = await keepEntries(partition, SEED, filled, at)
  const statements = [...both, ...parts, ...plantFirst(partition, SEED, at)]
  if (!mayWait) return statements
  const of = { partition, name: SEED, at }
  return statements.map(partOf({ is: 'made', of, name, expiresAt, own: both, parts }))
}

/** A random id that the same database holds as the partition `source`, since SQL copies only within a database. */
function newPartition(env: Cloudflare.Env, source: string | undefined): string {
  for (;;) {
    const id = crypto.randomUUID()
    if (source === undefined || databaseOf(env, id).name === databaseOf(env, source).name) return id
  }
}

async function tokensFor(
  env: Cloudflare.Env,
  issuer: string,
  row: TenantRow,
  now: number,
  kinds: readonly TokenKind[],
): Promise<Partial<Record<TokenKind, string>>> {
  const signed = kinds.map(async (kind) => {
    const scopes = TOKENS[kind]
    return [
      kind,
      await signAccessToken(await keyRing(env), claimsFor(issuer, testsClient(row, scopes), scopes, now)),
    ] as const
  })
  return Object.fromEntries(await Promise.all(signed))
}
