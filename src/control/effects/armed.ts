// What is armed for a partition, in the database: its settings and faults under one revision, which every change raises.
// Changes are made by optimistic concurrency on that revision, and requests are guarded by it.
import { eq, sql } from 'drizzle-orm'
import { failUnless, isAbortedBy } from '../../database/abort.ts'
import { type Bound, bind } from '../../database/bound.ts'
import { Database, type Guard } from '../../database/database.ts'
import { databaseOf } from '../../database/placement.ts'
import { excluded, insertInto, select, update } from '../../database/query-builder.ts'
import { Interception } from '../../database/request-effects.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { literal } from '../../documents/entry-list.ts'
import { SUPERSEDED } from '../../http/log.ts'
import { partitions } from '../../partitions/partition.table.ts'
import { faults, tenantControls } from '../control.table.ts'
import {
  type Armed,
  type ControlSettings,
  cacheArmed,
  DEFAULT_SETTINGS,
  evictArmed,
  NOTHING_ARMED,
} from './armed-cache.ts'
import type { Fault } from './fault.schema.ts'

/** The database of `partition`, asked at its primary and past everything that a local run caches of it. */
export const primaryOf = (env: Cloudflare.Env, partition: string) => new Database(databaseOf(env, partition).d1)

type Partition = Slots<{ partition: string }>

const selectSettings = statement(
  (v: Partition) =>
    select({ revision: tenantControls.revision, settings: tenantControls.control })
      .from(partitions)
      .leftJoin(tenantControls, eq(tenantControls.partitionId, partitions.id))
      .where(eq(partitions.id, v.partition)),
  { touches: 'partition' },
)

const selectFaults = statement(
  (v: Partition) =>
    select({ id: faults.id, rule: faults.rule, hits: faults.hits })
      .from(faults)
      .where(eq(faults.partitionId, v.partition))
      .orderBy(faults.seq),
  { touches: 'partition' },
)

/** Asks the database what is armed for `partition`, and caches it. One round trip. */
export async function loadArmed(env: Cloudflare.Env, partition: string): Promise<Armed> {
  const [found, rules] = await primaryOf(env, partition).batch(
    bind(selectSettings, { partition }),
    bind(selectFaults, { partition }),
  )
  const [row] = found
  if (row) return cacheArmed(env, partition.toLowerCase(), armedOf(row, rules))
  evictArmed(env, partition)
  return NOTHING_ARMED
}

interface SettingsRow {
  readonly revision: number | null
  readonly settings: string | null
}

interface FaultRow {
  readonly id: string
  readonly rule: string
  readonly hits: number
}

/** What the database has of a partition. */
export const armedOf = ({ revision, settings }: SettingsRow, rules: readonly FaultRow[]): Armed => ({
  ...DEFAULT_SETTINGS,
  ...JSON.parse(settings ?? '{}'),
  revision: revision ?? 0,
  faults: rules.map(({ id, rule, hits }): Fault => ({ ...JSON.parse(rule), id, hits })),
})

type Written = { partition: string; settings: string }

const nextRevision = sql`${tenantControls.revision} + 1`

const swapSettings = statement(
  (v: Slots<Written & { known: number }>) =>
    insertInto(tenantControls)
      .values({ partitionId: v.partition, revision: 1, control: v.settings })
      .onConflictDoUpdate({
        target: tenantControls.partitionId,
        set: { revision: nextRevision, control: excluded(tenantControls.control) },
        setWhere: eq(tenantControls.revision, v.known),
      })
      .returning({ revision: tenantControls.revision }),
  { touches: 'partition' },
)

const insertOrRaise = statement(
  (v: Slots<Written>) =>
    insertInto(tenantControls)
      .values({ partitionId: v.partition, revision: 1, control: v.settings })
      .onConflictDoUpdate({ target: tenantControls.partitionId, set: { revision: nextRevision } }),
  { touches: 'partition' },
)

/** Raises the revision, by which isolates notice that the faults changed. Goes into the batch that changes them. */
export const raiseRevision = (partition: string): Bound<unknown> =>
  bind(insertOrRaise, { partition, settings: JSON.stringify(DEFAULT_SETTINGS) })

/** Writes the settings that a new partition begins with. Goes into the batch that makes it. */
export const insertSettings = (partition: string, settings: Partial<ControlSettings>): Bound<unknown> =>
  bind(insertOrRaise, { partition, settings: JSON.stringify({ ...DEFAULT_SETTINGS, ...settings }) })

/**
 * Sets the clock to the real time. Whether there is a journal, and of which headers, and whether rows are counted stays as it
 * is: a reset must not switch that off.
 */
export const resetSettings = (partition: string): Bound<unknown> =>
  bind(writeDefaults, { partition, settings: JSON.stringify(DEFAULT_SETTINGS) })

const asItIs = (name: 'journal' | 'metered') =>
  sql`json(iif(${tenantControls.control} ->> ${literal(name)}, 'true', 'false'))`

const writeDefaults = statement(
  (v: Slots<Written>) =>
    update(tenantControls)
      .set({
        revision: nextRevision,
        control: sql`json_set(${v.settings}, '$.journal', ${asItIs('journal')}, '$.metered', ${asItIs('metered')},
          '$.headers', json(coalesce(${tenantControls.control} -> 'headers', '[]')))`,
      })
      .where(eq(tenantControls.partitionId, v.partition)),
  { touches: 'partition' },
)

/**
 * Changes the settings of `partition` by compare-and-swap: if somebody else changed them since they were read, reads
 * them again and applies `change` to what they are now.
 *
 * @param database opened for the request, not {@link primaryOf}: a local run caches its rows and has to see the write
 * @example
 * await changeSettings(env, database, partition, () => ({ journal: true }))
 */
export async function changeSettings(
  env: Cloudflare.Env,
  database: Database,
  partition: string,
  change: (settings: ControlSettings) => Partial<ControlSettings>,
): Promise<Armed> {
  for (;;) {
    const { revision, faults, ...before } = await loadArmed(env, partition)
    const settings: ControlSettings = { ...before, ...change(before) }
    const values = { partition, known: revision, settings: JSON.stringify(settings) }
    const written = await database.first(swapSettings, values)
    // Whoever changes faults raises the revision: that it was still the known one says that the faults are, too.
    if (written) return cacheArmed(env, partition.toLowerCase(), { ...settings, revision: written.revision, faults })
  }
}

/** Thrown for a request that was answered by an older revision than the database has. It is started again. */
export class TenantChanged extends Interception {
  override readonly name = SUPERSEDED
}

const OTHER_REVISION = 'another revision is armed'

const revisionOf = (v: Partition) => sql`coalesce((
  select ${tenantControls.revision} from ${tenantControls} where ${tenantControls.partitionId} = ${v.partition}), 0)`

const checkRevision = statement<{ partition: string; revision: number }, { same: number }>(
  (v, row) => sql`select ${row({ same: failUnless(sql`${revisionOf(v)} = ${v.revision}`, OTHER_REVISION) })}`,
  { touches: 'partition' },
)

/**
 * Fails a batch if `partition` has another revision than the request goes by, so that nothing of the batch takes place
 * under faults or a clock that are no longer armed.
 * @param passed called when the database has confirmed the revision
 */
export const revisionGuard = (partition: string, revision: number, passed: () => void): Guard => ({
  statement: bind(checkRevision, { partition, revision }),
  explain: (error) =>
    isAbortedBy(error, OTHER_REVISION) ? new TenantChanged(new Response(null, { status: 503 })) : error,
  passed,
})
