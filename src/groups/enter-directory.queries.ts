// Members that another directory has: an account is kept here under the identifier that it has there.
import { and, eq, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { bind } from '../database/bound.ts'
import { insertSelect } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { selectUnknownEntities } from '../directory/listed-entities.ts'
import { USER_TYPE } from '../directory/member.ts'
import { raiseEntityCount } from '../directory/memberships.ts'
import { users } from '../users/user.table.ts'
import { type GroupKey, isGroup } from './group.queries.ts'
import { groups } from './group.table.ts'

// Real server: `aad|<object id>` is what a client passes (observed). Assumed: that other directories' look the same.
const IDENTIFIER = /^([a-z][a-z\d_-]*)\|[^|\p{Cc}\s][^|\p{Cc}]*$/iu

/** Whether an account is named by the directory it is in: nobody here has to know it. */
export const isOfDirectory = (id: string) => id.isWellFormed() && IDENTIFIER.test(id)

const other = alias(directoryEntities, 'other')

/** `newcomers` is a JSON array of identifiers; those that are known already are left as they are. */
type Entering = GroupKey & { newcomers: string; now: string; stamp: string }

/** How many accounts {@link enterDirectory} will keep. */
export const countNewcomers = (v: Slots<{ partition: string; newcomers: string }>) =>
  sql`(select count(distinct lower(value)) from (${selectUnknownEntities(v, v.newcomers)}))`

const nameIsTaken = (v: Slots<{ partition: string }>) => sql`exists (
  select 1 from ${directoryEntities} ${other} where ${other.partitionId} = ${v.partition}
    and ${other.type} = ${sql.raw(String(USER_TYPE.user))} and ${other.name} = entering.value)`

// Assumed: it is a user, who is called by the identifier until the directory says otherwise.
const insertEntities = statement<Entering>(
  (v) =>
    insertSelect(
      directoryEntities,
      {
        partitionId: v.partition,
        id: sql`entering.value`,
        type: sql.raw(String(USER_TYPE.user)),
        source: sql`lower(substr(entering.value, 1, instr(entering.value, '|') - 1))`,
        name: sql`iif(${nameIsTaken(v)}, entering.value || ' (directory)', entering.value)`,
        displayName: sql`entering.value`,
        creationTime: v.now,
        concurrencyStamp: v.stamp,
      },
      sql`from (${selectUnknownEntities(v, v.newcomers)} group by lower(asked.value)) entering cross join ${groups}
        on ${isGroup(v)} and ${groups.concurrencyStamp} = ${v.stamp} where true`,
    ),
  { touches: 'partition' },
)

/** A `category` of the wire: a user of another directory. */
const OF_DIRECTORY = 2

const insertUsers = statement(
  (v: Slots<Entering>) =>
    insertSelect(
      users,
      { entitySeq: directoryEntities.seq, legacyId: directoryEntities.seq, category: sql.raw(String(OF_DIRECTORY)) },
      sql`from json_each(${v.newcomers}) entering cross join ${directoryEntities}
        on ${and(eq(directoryEntities.partitionId, v.partition), eq(directoryEntities.concurrencyStamp, v.stamp))}
        and ${directoryEntities.id} = entering.value group by ${directoryEntities.seq}`,
    ),
  { touches: 'partition' },
)

/** What keeps the accounts of `add` that are not known yet, behind the statement that wrote the group under the stamp. */
export const enterDirectory = (entering: Entering) =>
  [
    bind(insertEntities, entering),
    bind(insertUsers, entering),
    bind(raiseEntityCount, {
      ...{ partition: entering.partition, entities: entering.newcomers, stamp: entering.stamp },
      type: USER_TYPE.user,
    }),
  ] as const
