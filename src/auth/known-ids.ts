// Ids that a client listed have to be GUIDs, or known. The check travels with what it guards.
import { sql } from 'drizzle-orm'
import { bind } from '../database/bound.ts'
import type { Database } from '../database/database.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { groups } from '../groups/group.table.ts'
import { isGuid } from '../http/identifier.ts'
import { Refusal } from '../http/refusal.ts'

/** How many of the ids are told of. */
const MAX_TOLD = 10

/** What the database says when the check fails; the unknown ids follow, as hexadecimal JSON. */
const REFUSAL = 'neither a GUID nor known in'

type Listed = { partition: string; ids: string; refusal: string }

const unknown = (v: Slots<Listed>) => sql`
  select asked.value as value from json_each(${v.ids}) asked
  where not exists (
    select 1 from ${directoryEntities}
    where ${directoryEntities.partitionId} = ${v.partition} and ${directoryEntities.id} = asked.value)
  and not exists (
    select 1 from ${groups} where ${groups.partitionId} = ${v.partition} and ${groups.id} = asked.value)`

// SQLite quotes a path that is no JSON path in its error: this fails a batch from inside a query, and says why.
const check = statement<Listed, { allowed: number }>(
  (v, row) => sql`
    select ${row({
      allowed: sql<number>`json_extract('{}', case when not exists (${unknown(v)}) then '$' else ${v.refusal} || hex((
        select json_group_array(value) from (${unknown(v)} limit ${sql.raw(String(MAX_TOLD))}))) end) is null`,
    })}`,
  { touches: 'partition' },
)

/**
 * The database, whose batches take place only if those of `ids` that are no GUIDs are known: a tenant may have been seeded
 * with them. For lists of which unknown ids are passed over. Where all are GUIDs, it asks nothing.
 *
 * Real server: ids are GUIDs, and anything else is not converted: 400.
 * @param field the list's property, or none where the body itself is the list
 */
export function onlyKnownIds(database: Database, partition: string, field: string, ids: readonly string[]): Database {
  const others = ids.filter((id) => !isGuid(id))
  if (others.length === 0) return database
  const refusal = `${REFUSAL} ${field}: `
  return database.guardedBy({
    statement: bind(check, { partition, ids: JSON.stringify(others), refusal }),
    explain: (error) => {
      const [, hex] = (error instanceof Error && new RegExp(`${refusal}([0-9A-F]+)`).exec(error.message)) || []
      return hex === undefined ? error : new Refusal({ is: 'unknownId', field, ids: idsFrom(hex) })
    },
  })
}

function idsFrom(hex: string): string[] {
  const bytes = hex.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? []
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes)))
}
