// Plants a tenant from a snapshot, section by section, inside the database.
import { sql } from 'drizzle-orm'
import { type Bound, bind } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { directoryCounts, directoryEntities } from '../directory/directory.table.ts'
import { groupMembers, groups } from '../groups/group.table.ts'
import { settings } from '../settings/setting.table.ts'
import { formerUsers, users } from '../users/user.table.ts'
import { snapshots } from './control.table.ts'
import type { Section } from './document.ts'
import { capture, DIRECTORY, dropSnapshot, snake } from './sections.ts'

const { placeholder, raw } = sql

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

/** What fills a new `partition` with its snapshot `name`, and has that say which ids were given out. */
export const plantFirst = (partition: string, name: string, at: number): Bound<unknown>[] => [
  ...plantSnapshot(partition, name),
  dropSnapshot(partition, name),
  capture(partition, partition, name, at),
]

/** What empties `partition`, to be planted anew in the same batch. */
export const clearPartition = (partition: string): Bound<unknown>[] => clears.map((one) => bind(one, { partition }))
