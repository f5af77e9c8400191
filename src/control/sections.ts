// The sections of a tenant as SQL: how each is read off the tables into a snapshot, without leaving the database, and how one that
// comes from outside is kept as one.
import { type SQL, sql } from 'drizzle-orm'
import { type Bound, bind } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { groupMembers, groups } from '../groups/group.table.ts'
import { settings } from '../settings/setting.table.ts'
import { formerUsers, users } from '../users/user.table.ts'
import { snapshots } from './control.table.ts'
import { SECTIONS, type Section, type Sections } from './document.ts'

const { placeholder, raw } = sql

/** The snapshot a tenant began as. */
export const SEED = ''

interface Named {
  partition: string
  name: string
}

/** The columns of an account, as the document names them. */
export const DIRECTORY = [
  ...['id', 'type', 'source', 'name', 'email', 'displayName', 'firstName', 'lastName', 'jobTitle', 'companyName'],
  ...['city', 'department', 'applicationId', 'creationTime', 'lastModificationTime', 'lastLoginTime'],
] as const
const FLAGS = ['emailConfirmed', 'isActive', 'bypassBasicAuthRestriction', 'invitationAccepted'] as const
const ACCOUNT = ['legacyId', 'category', 'passwordHash', 'passwordHistory', 'extensionAttributes'] as const

/** A column's name in the database. */
export const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
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

const deleteSnapshot = statement<Named, { part: number }>(
  () => sql`
    delete from ${snapshots} where partition_id = ${placeholder('partition')} and name = ${placeholder('name')}
    returning part as "part"`,
)

/** What forgets the snapshot, and tells whether there was one. */
export const dropSnapshot = (partition: string, name: string) => bind(deleteSnapshot, { partition, name })

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
function keepSection(
  { partition, name, at }: Named & { at: number },
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

/** What keeps all sections under `name` among the snapshots of `partition`. */
export const keepSections = (partition: string, name: string, sections: Sections, at: number): Bound<unknown>[] =>
  SECTIONS.flatMap((section) => keepSection({ partition, name, at }, section, sections[section]))
