// What is armed for a partition, and what an isolate knows of it.
import { eq, sql } from 'drizzle-orm'
import { type Bound, bind, Database, type Guard } from '../../database/database.ts'
import { databaseOf } from '../../database/placement.ts'
import { excluded, insertInto, select, update } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { Interception } from '../../database/tenant-control.ts'
import { BoundedMap } from '../../http/bounded-map.ts'
import { MemoryOf } from '../../http/isolate-memory.ts'
import { SUPERSEDED } from '../../http/log.ts'
import { partitions } from '../../partitions/partition.table.ts'
import { faults, tenantControls } from '../control.table.ts'
import { type ClockSetting, REAL } from './clock.ts'
import type { Fault } from './fault.schema.ts'

/** What is kept of a partition's control beside its faults. */
export interface Control {
  readonly clock: ClockSetting
  /** Whether requests are written down. */
  readonly journal: boolean
}

export interface Armed extends Control {
  /** Grows with every change; 0 for a partition nothing was ever armed for. */
  readonly revision: number
  readonly faults: readonly Fault[]
}

const DISARMED: Control = { clock: REAL, journal: false }
const NOTHING: Armed = { revision: 0, ...DISARMED, faults: [] }

/** Whether requests are answered as if there were no plane. */
export const isDisarmed = ({ clock, journal, faults }: Armed) => clock.is === REAL.is && !journal && faults.length === 0

/** What an isolate knows of a partition. `exact`: it is what the database would tell, until this isolate changes it. */
interface Known {
  readonly armed: Armed
  readonly exact: boolean
}

const UNKNOWN: Known = { armed: NOTHING, exact: false }

/** Beyond this the oldest are forgotten. */
const MAX_KNOWN = 10_000

const isolates = new MemoryOf<D1Database, BoundedMap<string, Known>>('armed')

const knownTo = (env: Cloudflare.Env) => isolates.getOrMake(env.DB, () => new BoundedMap({ entries: MAX_KNOWN }))

/** What this isolate knows of `partition`, whose id is in lower case. A partition it never heard of has nothing armed. */
export const recall = (env: Cloudflare.Env, partition: string): Known => knownTo(env).get(partition) ?? UNKNOWN

/** Keeps what the database told of `partition`. What is older than what is known is left alone. */
export function learn(env: Cloudflare.Env, partition: string, armed: Armed): Armed {
  const known = knownTo(env)
  const before = known.get(partition)
  if (before && before.armed.revision > armed.revision) return before.armed
  // Embedded, this is the only isolate that arms anything.
  known.set(partition, { armed, exact: Boolean(env.EMBEDDED) })
  return armed
}

/** The partition is new, or gone. */
export const forget = (env: Cloudflare.Env, partition: string) => knownTo(env).delete(partition.toLowerCase())

/** A new partition has nothing armed but what `beginControl` gave it, if that was in the batch that made it. */
export const learnNew = (env: Cloudflare.Env, partition: string, control?: Partial<Control>) =>
  learn(env, partition.toLowerCase(), control ? { ...NOTHING, ...control, revision: 1 } : NOTHING)

/** The primary of `partition`, past all caches. */
export const primaryOf = (env: Cloudflare.Env, partition: string) => new Database(databaseOf(env, partition).d1)

type Of = Slots<{ partition: string }>

const selectControl = statement(
  (v: Of) =>
    select({ revision: tenantControls.revision, control: tenantControls.control })
      .from(partitions)
      .leftJoin(tenantControls, eq(tenantControls.partitionId, partitions.id))
      .where(eq(partitions.id, v.partition)),
  { touches: 'partition' },
)

const selectFaults = statement(
  (v: Of) =>
    select({ id: faults.id, rule: faults.rule, hits: faults.hits })
      .from(faults)
      .where(eq(faults.partitionId, v.partition))
      .orderBy(faults.seq),
  { touches: 'partition' },
)

/** Asks the database what is armed for `partition`, and remembers it. */
export async function load(env: Cloudflare.Env, partition: string): Promise<Armed> {
  const [controls, rules] = await primaryOf(env, partition).batch(
    bind(selectControl, { partition }),
    bind(selectFaults, { partition }),
  )
  const [row] = controls
  if (!row) {
    forget(env, partition)
    return NOTHING
  }
  const control: Control = row.control === null ? DISARMED : JSON.parse(row.control)
  const armed = rules.map(({ id, rule, hits }): Fault => ({ ...JSON.parse(rule), id, hits }))
  return learn(env, partition.toLowerCase(), { ...control, revision: row.revision ?? 0, faults: armed })
}

type Written = { partition: string; control: string }

const next = sql`${tenantControls.revision} + 1`

const writeControl = statement(
  (v: Slots<Written & { known: number }>) =>
    insertInto(tenantControls)
      .values({ partitionId: v.partition, revision: 1, control: v.control })
      .onConflictDoUpdate({
        target: tenantControls.partitionId,
        set: { revision: next, control: excluded(tenantControls.control) },
        setWhere: eq(tenantControls.revision, v.known),
      })
      .returning({ revision: tenantControls.revision }),
  { touches: 'partition' },
)

const touchControl = statement(
  (v: Slots<Written>) =>
    insertInto(tenantControls)
      .values({ partitionId: v.partition, revision: 1, control: v.control })
      .onConflictDoUpdate({ target: tenantControls.partitionId, set: { revision: next } }),
  { touches: 'partition' },
)

/** Tells every isolate that the partition's faults are others than they know. Goes into the batch that changes them. */
export const touch = (partition: string): Bound<unknown> =>
  bind(touchControl, { partition, control: JSON.stringify(DISARMED) })

/** The control a new partition begins with. */
export const beginControl = (partition: string, control: Partial<Control>): Bound<unknown> =>
  bind(touchControl, { partition, control: JSON.stringify({ ...DISARMED, ...control }) })

/** Nothing is armed any more. */
export const disarm = (partition: string): Bound<unknown> =>
  bind(disarmControl, { partition, control: JSON.stringify(DISARMED) })

const disarmControl = statement(
  (v: Slots<Written>) =>
    update(tenantControls)
      .set({
        revision: next,
        control: sql`json_set(${v.control}, '$.journal',
          json(iif(${tenantControls.control} ->> 'journal', 'true', 'false')))`,
      })
      .where(eq(tenantControls.partitionId, v.partition)),
  { touches: 'partition' },
)

/** Changes the control of `partition` from what the database holds. `database` is one whose cache hears of the change. */
export async function arm(
  env: Cloudflare.Env,
  database: Database,
  partition: string,
  change: (control: Control) => Partial<Control>,
): Promise<Armed> {
  for (;;) {
    const { revision, faults, ...before } = await load(env, partition)
    const control: Control = { ...before, ...change(before) }
    const written = await database.first(writeControl, { partition, known: revision, control: JSON.stringify(control) })
    // Faults are changed with the revision: they are what they were.
    if (written) return learn(env, partition.toLowerCase(), { ...control, revision: written.revision, faults })
  }
}

/** What another isolate armed was not known here: the request starts again. */
export class TenantChanged extends Interception {
  override readonly name = SUPERSEDED
}

const CHANGED = 'another revision is armed'

// As with administrators: a path that is no JSON path fails the batch from inside a query.
const check = statement<{ partition: string; revision: number }, { same: number }>(
  (v, row) => sql`
    select ${row({
      same: sql`json_extract('{}', case when coalesce((
        select ${tenantControls.revision} from ${tenantControls} where ${tenantControls.partitionId} = ${v.partition}
      ), 0) = ${v.revision} then '$' else ${sql.raw(`'${CHANGED}'`)} end) is null`,
    })}`,
  { touches: 'partition' },
)

/** Lets a batch take place only if what is armed for `partition` has that revision. */
export const onlyRevision = (partition: string, revision: number, passed: () => void): Guard => ({
  statement: bind(check, { partition, revision }),
  explain: (error) =>
    error instanceof Error && error.message.includes(CHANGED)
      ? new TenantChanged(new Response(null, { status: 503 }))
      : error,
  passed,
})
