// What is armed for a partition, and what an isolate knows of it.
import { sql } from 'drizzle-orm'
import { type Bound, bind, Database, type Guard } from '../database/database.ts'
import { databaseOf } from '../database/placement.ts'
import { statement } from '../database/statement.ts'
import { Interception } from '../database/tenant-control.ts'
import { SUPERSEDED } from '../http/log.ts'
import { partitions } from '../partitions/partition.table.ts'
import { type ClockSetting, REAL } from './clock.ts'
import { faults, tenantControls } from './control.table.ts'
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

/** Beyond this everything is forgotten. */
const MAX_KNOWN = 10_000

const isolates = new WeakMap<D1Database, Map<string, Known>>()

function knownTo(env: Cloudflare.Env): Map<string, Known> {
  const known = isolates.get(env.DB) ?? new Map<string, Known>()
  isolates.set(env.DB, known)
  return known
}

/** What this isolate knows of `partition`, whose id is in lower case. A partition it never heard of has nothing armed. */
export const recall = (env: Cloudflare.Env, partition: string): Known => knownTo(env).get(partition) ?? UNKNOWN

/** Keeps what the database told of `partition`. What is older than what is known is left alone. */
export function learn(env: Cloudflare.Env, partition: string, armed: Armed): Armed {
  const known = knownTo(env)
  const before = known.get(partition)
  if (before && before.armed.revision > armed.revision) return before.armed
  if (known.size >= MAX_KNOWN) known.clear()
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

const { placeholder } = sql

const selectControl = statement<{ partition: string }, { revision: number | null; control: string | null }>(
  () => sql`
    select ${tenantControls.revision} as "revision", ${tenantControls.control} as "control"
    from ${partitions} left join ${tenantControls} on ${tenantControls.partitionId} = ${partitions.id}
    where ${partitions.id} = ${placeholder('partition')}`,
)

const selectFaults = statement<{ partition: string }, { id: string; rule: string; hits: number }>(
  () => sql`
    select ${faults.id} as "id", ${faults.rule} as "rule", ${faults.hits} as "hits"
    from ${faults} where ${faults.partitionId} = ${placeholder('partition')} order by ${faults.seq}`,
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

const writeControl = statement<{ partition: string; known: number; control: string }, { revision: number }>(
  () => sql`
    insert into ${tenantControls} (partition_id, revision, control)
    values (${placeholder('partition')}, 1, ${placeholder('control')})
    on conflict do update set revision = revision + 1, control = excluded.control
    where revision = ${placeholder('known')}
    returning revision`,
)

const touchControl = statement<{ partition: string; control: string }, { revision: number }>(
  () => sql`
    insert into ${tenantControls} (partition_id, revision, control)
    values (${placeholder('partition')}, 1, ${placeholder('control')})
    on conflict do update set revision = revision + 1
    returning revision`,
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

const disarmControl = statement<{ partition: string; control: string }>(
  () => sql`
    update ${tenantControls} set revision = revision + 1,
      control = json_set(${placeholder('control')}, '$.journal', json(iif(control ->> 'journal', 'true', 'false')))
    where partition_id = ${placeholder('partition')}`,
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
const check = statement<{ partition: string; revision: number }, { same: null }>(
  () => sql`
    select json_extract('{}', case when coalesce(
      (select t.revision from tenant_controls t where t.partition_id = ${placeholder('partition')}), 0
    ) = ${placeholder('revision')} then '$' else ${sql.raw(`'${CHANGED}'`)} end) is null as "same"`,
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
