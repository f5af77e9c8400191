// The sections of a tenant as SQL: how each is read off the tables into a snapshot, and planted from one. Nothing leaves
// the database on the way.
import { type SQL, sql } from 'drizzle-orm'
import { type Bound, bind } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { directoryCounts, directoryEntities } from '../directory/directory.table.ts'
import { groupMembers, groups } from '../groups/group.table.ts'
import { settings } from '../settings/setting.table.ts'
import { formerUsers, users } from '../users/user.table.ts'
import { snapshots } from './control.table.ts'
import { SECTIONS, type Section } from './document.ts'

const { placeholder, raw } = sql

const DIRECTORY = [
  ...['id', 'type', 'source', 'name', 'email', 'displayName', 'firstName', 'lastName', 'jobTitle', 'companyName'],
  ...['city', 'department', 'applicationId', 'creationTime', 'lastModificationTime', 'lastLoginTime'],
] as const
const FLAGS = ['emailConfirmed', 'isActive', 'bypassBasicAuthRestriction', 'invitationAccepted'] as const
const ACCOUNT = ['legacyId', 'category', 'passwordHash', 'passwordHistory', 'extensionAttributes'] as const

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const properties = (alias: string, names: readonly string[]) =>
  names.map((name) => `'${name}', ${alias}.${snake(name)}`)
const object = (parts: readonly string[]) => raw(`json_object(${parts.join(', ')})`)

/** Every entry of the section in a partition: where it stands, and itself as JSON. */
const ENTRIES: Record<Section, SQL> = {
  directory: sql`
    select d.seq as position, case d.type when 0 then json_patch(${object(properties('d', DIRECTORY))}, ${object([
      ...FLAGS.map((name) => `'${name}', json(iif(u.${snake(name)}, 'true', 'false'))`),
      ...properties('u', ACCOUNT),
    ])}) else ${object(properties('d', DIRECTORY))} end as entry
    from ${directoryEntities} d left join ${users} u on u.entity_seq = d.seq
    where d.partition_id = ${placeholder('source')}`,
  groups: sql`
    select g.seq as position,
      ${object(properties('g', ['id', 'name', 'type', 'creationTime', 'lastModificationTime']))} as entry
    from ${groups} g where g.partition_id = ${placeholder('source')}`,
  members: sql`
    select row_number() over (order by m.group_seq, m.entity_seq) as position, json_array(g.id, d.id) as entry
    from ${groups} g
    join ${groupMembers} m on m.group_seq = g.seq
    join ${directoryEntities} d on d.seq = m.entity_seq
    where g.partition_id = ${placeholder('source')}`,
  settings: sql`
    select s.id as position, json_object('id', s.id, 'key', s.key, 'value', s.value, 'user',
      (select d.id from ${directoryEntities} d where d.seq = s.user_seq)) as entry
    from ${settings} s where s.partition_id = ${placeholder('source')}`,
  formerUsers: sql`
    select row_number() over (order by f.id) as position, json_array(f.id) as entry
    from ${formerUsers} f where f.partition_id = ${placeholder('source')}`,
}

/** Of the JSON in a row. A row of D1 holds two megabytes, an entry at most one. In characters. */
export const PART_SIZE = 500_000

/** The section of a partition in parts. */
const parts = (section: Section) => sql`
  select ${raw(`'${section}'`)} as section, part, json_group_array(json(entry)) as entries, count(*) as count
  from (
    select entry, sum(length(entry)) over (order by position) / ${raw(String(PART_SIZE))} as part
    from (${ENTRIES[section]}) order by position
  ) group by part`

interface PartRow {
  section: Section
  entries: string
}

const readers = SECTIONS.map((section) =>
  statement<{ source: string; partition: string }, PartRow>(
    () => sql`
      select section as "section", entries as "entries" from (${parts(section)})
      where ${placeholder('partition')} = ${placeholder('partition')} order by part`,
  ),
)

const captureAll = statement<{ source: string; partition: string; name: string; at: number }>(
  () => sql`
    insert into ${snapshots} (partition_id, name, section, part, entries, count, created_at)
    select ${placeholder('partition')}, ${placeholder('name')}, section, part, entries, count, ${placeholder('at')}
    from (${sql.join(
      SECTIONS.map((section) => sql`select * from (${parts(section)})`),
      sql` union all `,
    )})`,
)

/** What reads the whole of `partition`, in parts. */
export const readSections = (partition: string): Bound<PartRow>[] =>
  readers.map((reader) => bind(reader, { partition, source: partition }))

/** What keeps `source` as it is under `name` among the snapshots of `partition`; `at` in milliseconds since the epoch. */
export const capture = (source: string, partition: string, name: string, at: number): Bound<unknown> =>
  bind(captureAll, { source, partition, name, at })

interface From {
  partition: string
  name: string
}

/** The entries of a section in the snapshot, in order. */
const kept = (section: Section) => sql`
  (select e.value as entry, s.part as part, e.key as position
   from ${snapshots} s cross join json_each(s.entries) e
   where s.partition_id = ${placeholder('partition')} and s.name = ${placeholder('name')}
     and s.section = ${raw(`'${section}'`)})`

const field = (name: string) => raw(`k.entry ->> '${name}'`)
const or = (name: string, otherwise: string) => raw(`coalesce(k.entry ->> '${name}', ${otherwise})`)

const plants = [
  statement<From>(
    () => sql`
      insert into ${directoryEntities} (partition_id, ${raw(DIRECTORY.map(snake).join(', '))})
      select ${placeholder('partition')}, ${field('id')}, ${field('type')}, ${or('source', "'local'")}, ${field('name')},
        ${or('email', "''")}, ${sql.join(DIRECTORY.slice(5, 13).map(field), sql`, `)},
        ${or('creationTime', "'0001-01-01T00:00:00'")}, ${field('lastModificationTime')}, ${field('lastLoginTime')}
      from ${kept('directory')} k order by k.part, k.position`,
  ),
  statement<From>(
    () => sql`
      insert into ${users} (entity_seq, email_confirmed, is_active, bypass_basic_auth_restriction, invitation_accepted,
        legacy_id, category, password_hash, password_history, extension_attributes)
      select d.seq, ${or('emailConfirmed', '1')}, ${or('isActive', '1')}, ${or('bypassBasicAuthRestriction', '0')},
        ${or('invitationAccepted', '1')}, ${or('legacyId', 'd.seq')}, ${or('category', '0')}, ${field('passwordHash')},
        ${or('passwordHistory', "'[]'")}, ${or('extensionAttributes', "'{}'")}
      from ${kept('directory')} k cross join ${directoryEntities} d
        on d.partition_id = ${placeholder('partition')} and d.id = ${field('id')} where d.type = 0`,
  ),
  statement<From>(
    () => sql`
      insert into ${directoryCounts} (partition_id, type, count)
      select d.partition_id, d.type, count(*) from ${directoryEntities} d
      where d.partition_id = ${placeholder('partition')} and ${placeholder('name')} is not null group by 1, 2`,
  ),
  statement<From>(
    () => sql`
      insert into ${groups} (partition_id, id, name, type, creation_time, last_modification_time)
      select ${placeholder('partition')}, ${field('id')}, ${field('name')}, ${field('type')}, ${field('creationTime')},
        ${field('lastModificationTime')}
      from ${kept('groups')} k order by k.part, k.position`,
  ),
  statement<From>(
    () => sql`
      insert or ignore into ${groupMembers} (group_seq, entity_seq)
      select g.seq, d.seq from ${kept('members')} k
      cross join ${groups} g on g.partition_id = ${placeholder('partition')} and g.id = k.entry ->> 0
      cross join ${directoryEntities} d on d.partition_id = ${placeholder('partition')} and d.id = k.entry ->> 1`,
  ),
  statement<From>(
    () => sql`
      update ${groups} set member_count = (select count(*) from ${groupMembers} m where m.group_seq = ${groups}.seq)
      where partition_id = ${placeholder('partition')} and ${placeholder('name')} is not null`,
  ),
  // An id is kept if it is nobody's, and none that would use up the ids of others.
  statement<From>(
    () => sql`
      insert into ${settings} (id, partition_id, user_seq, key, value)
      select iif(
          (k.entry ->> 'id') <= max(1000000, coalesce((select q.seq from sqlite_sequence q where q.name = 'settings'), 0))
          and not exists (select 1 from ${settings} taken where taken.id = k.entry ->> 'id'), k.entry ->> 'id', null),
        ${placeholder('partition')}, d.seq, ${field('key')}, ${field('value')}
      from ${kept('settings')} k
      left join ${directoryEntities} d on d.partition_id = ${placeholder('partition')} and d.id = ${field('user')}
      order by k.part, k.position`,
  ),
  statement<From>(
    () => sql`
      insert into ${formerUsers} (partition_id, id)
      select ${placeholder('partition')}, k.entry ->> 0 from ${kept('formerUsers')} k`,
  ),
]

const clears = [settings, groups, directoryEntities, directoryCounts, formerUsers].map((table) =>
  statement<{ partition: string }>(() => sql`delete from ${table} where partition_id = ${placeholder('partition')}`),
)

/** What fills `partition`, which is empty, with what its snapshot `name` says; all of it goes into one batch. */
export const plantSnapshot = (partition: string, name: string): Bound<unknown>[] =>
  plants.map((one) => bind(one, { partition, name }))

const deleteSnapshot = statement<From, { part: number }>(
  () => sql`
    delete from ${snapshots} where partition_id = ${placeholder('partition')} and name = ${placeholder('name')}
    returning part as "part"`,
)

/** What forgets the snapshot, and tells whether there was one. */
export const dropSnapshot = (partition: string, name: string) => bind(deleteSnapshot, { partition, name })

/** What fills a new `partition` with its snapshot `name`, and has that say which ids were given out. */
export const plantFirst = (partition: string, name: string, at: number): Bound<unknown>[] => [
  ...plantSnapshot(partition, name),
  dropSnapshot(partition, name),
  capture(partition, partition, name, at),
]

/** What empties `partition`, to be planted anew in the same batch. */
export const clearPartition = (partition: string): Bound<unknown>[] => clears.map((one) => bind(one, { partition }))

const insertPart = statement<{
  partition: string
  name: string
  section: string
  part: number
  entries: string
  count: number
  at: number
}>(
  () => sql`
    insert into ${snapshots} (partition_id, name, section, part, entries, count, created_at)
    values (${placeholder('partition')}, ${placeholder('name')}, ${placeholder('section')}, ${placeholder('part')},
      ${placeholder('entries')}, ${placeholder('count')}, ${placeholder('at')})`,
)

/** What keeps a section's entries under `name` among the snapshots of `partition`. */
export function keepSection(
  { partition, name, at }: From & { at: number },
  section: Section,
  entries: readonly unknown[],
): Bound<unknown>[] {
  return inParts(entries).map((texts, part) =>
    bind(insertPart, { partition, name, section, part, entries: `[${texts.join()}]`, count: texts.length, at }),
  )
}

/** The entries as JSON, in lists that stay below the size of a row. */
function inParts(entries: readonly unknown[]): string[][] {
  const lists: string[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const entry of entries) {
    const text = JSON.stringify(entry)
    if (size + text.length > PART_SIZE) {
      lists.push([])
      size = 0
    }
    lists.at(-1)?.push(text)
    size += text.length
  }
  return lists
}
