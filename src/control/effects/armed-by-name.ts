// What is armed for a partition that a request names by its id, its name or a client of it, asked in one round trip.
import { desc, eq, or, sql } from 'drizzle-orm'
import { clients } from '../../connect/client.table.ts'
import { bind } from '../../database/bound.ts'
import { Database } from '../../database/database.ts'
import { databaseOf, MAIN } from '../../database/placement.ts'
import { select } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { partitions } from '../../partitions/partition.table.ts'
import { faults, tenantControls } from '../control.table.ts'
import { armedOf, loadArmed } from './armed.ts'
import { cacheArmed } from './armed-cache.ts'

/** An id or a name, or else the id of one of its clients; empty texts for none. */
export type PartitionName = { named: string; client: string }
type Named = Slots<PartitionName>

const isNamed = (v: Named) =>
  or(
    eq(partitions.id, v.named),
    eq(partitions.name, v.named),
    eq(partitions.id, sql`(select ${clients.partitionId} from ${clients} where ${clients.id} = ${v.client})`),
  )
/** As in the control plane, an id goes before a name. */
const idFirst = (v: Named) => desc(eq(partitions.id, v.named))

const selectNamed = statement((v: Named) =>
  select({ id: partitions.id, revision: tenantControls.revision, settings: tenantControls.control })
    .from(partitions)
    .leftJoin(tenantControls, eq(tenantControls.partitionId, partitions.id))
    .where(isNamed(v))
    .orderBy(idFirst(v))
    .limit(1),
)

const selectFaultsOfNamed = statement((v: Named) => {
  const named = sql`(select ${partitions.id} from ${partitions} where ${isNamed(v)} order by ${idFirst(v)} limit 1)`
  return select({ id: faults.id, rule: faults.rule, hits: faults.hits })
    .from(faults)
    .where(eq(faults.partitionId, named))
    .orderBy(faults.seq)
})

/**
 * What is armed for the partition of that name, and its id; undefined if there is none. One round trip, and a second
 * one for a partition that is in another database than the main one, which lists all.
 */
export async function loadArmedByName(env: Cloudflare.Env, name: PartitionName) {
  const [[row], rules] = await new Database(env.DB).batch(bind(selectNamed, name), bind(selectFaultsOfNamed, name))
  if (!row) return undefined
  const isHere = databaseOf(env, row.id).name === MAIN
  const armed = isHere ? cacheArmed(env, row.id.toLowerCase(), armedOf(row, rules)) : await loadArmed(env, row.id)
  return { id: row.id, armed }
}
