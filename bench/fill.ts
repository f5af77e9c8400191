// Fills a tenant's database, past its API: what matters here is how much there is, not how it came.
import { HOGWARTS } from '../src/seed/hogwarts.ts'

/** How many there shall be in all: partitions, and settings of the partition that is asked. */
export interface Fill {
  partitions: number
  settings: number
}

/** D1 allows a statement 30 seconds; this many rows take about one. */
const CHUNK = 50_000

const NUMBERS = 'with recursive numbers(n) as (select ?1 union all select n + 1 from numbers where n < ?2)'

/** A partition has one group with one member, and one setting. */
const PARTITIONS = [
  `insert into partitions (id, name) ${NUMBERS} select 'crowd-' || n, 'crowd-' || n from numbers`,
  `insert into groups (partition_id, id, name, type, creation_time)
   ${NUMBERS} select 'crowd-' || n, 'gryff-01', 'Gryffindors', 1, '2021-10-19T15:37:49.1853184' from numbers`,
  `insert into directory_entities (partition_id, id, type, name, display_name)
   ${NUMBERS} select 'crowd-' || n, 'her-1909', 0, 'Hermione', 'Hermione Granger' from numbers`,
  `insert into group_members (group_seq, entity_seq)
   ${NUMBERS} select groups.seq, directory_entities.seq from numbers
   cross join groups on groups.partition_id = 'crowd-' || n and groups.id = 'gryff-01'
   cross join directory_entities on directory_entities.partition_id = 'crowd-' || n and directory_entities.id = 'her-1909'`,
  `insert into settings (partition_id, key, value)
   ${NUMBERS} select 'crowd-' || n, 'Email.Smtp.Host', 'smtp.example' from numbers`,
]

const SETTINGS = `
  insert into settings (partition_id, key, value)
  ${NUMBERS} select '${HOGWARTS.id}', 'Crowd.Setting.' || n, 'value of setting ' || n from numbers`

/** Adds what is missing to a database that has been seeded. */
export async function fill(database: D1Database, { partitions = 0, settings = 0 }: Partial<Fill>): Promise<void> {
  const counts = 'select (select count(*) from partitions) as partitions, (select count(*) from settings) as settings'
  const found = await database.prepare(counts).first<Fill>()
  await inChunks(partitions - (found?.partitions ?? 0), (range) =>
    database.batch(PARTITIONS.map((sql) => database.prepare(sql).bind(...range))),
  )
  await inChunks(settings - (found?.settings ?? 0), (range) =>
    database
      .prepare(SETTINGS)
      .bind(...range)
      .run(),
  )
}

async function inChunks(total: number, insert: (range: [number, number]) => Promise<unknown>): Promise<void> {
  for (let from = 1; from <= total; from += CHUNK) {
    await insert([from, Math.min(from + CHUNK - 1, total)])
  }
}
