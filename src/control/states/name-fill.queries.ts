// Queries that find names without a key, window by window in the order of their rows, and give them keys.
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { type Bound, bind } from '../../database/bound.ts'
import type { Database } from '../../database/database.ts'
import { excluded, insertSelect, nameOf } from '../../database/query-builder.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { directoryEntities, nameKeys } from '../../directory/directory.table.ts'
import { USER_TYPE } from '../../directory/member.ts'
import type { NameKind } from '../../directory/name-keys.ts'
import { literal, type Referenced } from '../../documents/entry-list.ts'
import { groupNameKeys, groups } from '../../groups/group.table.ts'
import { foldName } from '../../http/fold-name.ts'
import { KINDS, type Kind } from './name-clash.ts'

/** A name without a key. */
export interface Unkeyed {
  seq: number
  partition: string
  /** Of the account or group. */
  id: string
  name: string
}

/** The rows that one step looks at and the most names that it gives keys, which bound its cost. */
const WINDOW = 5000
const MAX_FILLED = 250

/** The most characters of the names of one step: names and keys are one parameter, for which D1 takes 2 MB. */
const MAX_CHARACTERS = 100_000

/** Where names of a kind are, and their keys. */
interface Place {
  readonly rows: Referenced
  readonly name: SQLiteColumn
  /** Whether a row has a name of this kind. */
  readonly isNamed: SQL
  readonly keys: SQLiteTable & { readonly name: SQLiteColumn }
  /** The column of the keys with the `seq` of the row that has the name. */
  readonly holder: SQLiteColumn
  /** Whether a key is of this kind. */
  readonly isOfKind: SQL
  readonly insert: (key: SQLWrapper, from: SQL) => SQL
}

const ofAccounts = (kind: NameKind, type: number, name: SQLiteColumn): Place => ({
  rows: directoryEntities,
  name,
  isNamed: sql`${directoryEntities.type} = ${literal(type)}`,
  keys: nameKeys,
  holder: nameKeys.entitySeq,
  isOfKind: sql`${nameKeys.kind} = ${literal(kind)}`,
  insert: (key, from) => {
    const { partitionId, seq: entitySeq } = directoryEntities
    return insertSelect(nameKeys, { partitionId, kind: literal(kind), key, name, entitySeq }, from)
  },
})

const PLACES: Readonly<Record<Kind, Place>> = {
  userName: ofAccounts('userName', USER_TYPE.user, directoryEntities.name),
  email: ofAccounts('email', USER_TYPE.user, directoryEntities.email),
  robotAccount: ofAccounts('robotAccount', USER_TYPE.robotAccount, directoryEntities.name),
  group: {
    rows: groups,
    name: groups.name,
    isNamed: sql`true`,
    keys: groupNameKeys,
    holder: groupNameKeys.groupSeq,
    isOfKind: sql`true`,
    insert: (key, from) => {
      const { partitionId, name, seq: groupSeq } = groups
      return insertSelect(groupNameKeys, { partitionId, key, name, groupSeq }, from)
    },
  },
}

/** Names of ASCII alone need no key: SQLite compares those as the fold does. */
const isUnkeyed = ({ rows, name, isNamed, keys, holder, isOfKind }: Place) => sql`
  ${isNamed} and ${name} glob '*[^ -~]*' and not exists (
    select 1 from ${keys} where ${holder} = ${rows.seq} and ${isOfKind} and ${keys.name} = ${name})`

const unkeyed = ({ rows, name }: Place) => ({
  seq: sql<number>`${rows.seq}`,
  partition: sql<string>`${rows.partitionId}`,
  id: sql<string>`${rows.id}`,
  name: sql<string>`${name}`,
})

type After = { after: number }

/** The statements for the names of a kind among the rows that `scope` holds for. */
function search<Values extends After>(place: Place, scope: (v: Slots<Values>, rows: Referenced) => SQL) {
  const { rows } = place
  const windowEnd = (v: Slots<Values>, selected: SQL) => sql`
    select ${selected} from ${rows} where ${scope(v, rows)} and ${rows.seq} > ${v.after}
    order by ${rows.seq} limit 1 offset ${literal(WINDOW - 1)}`
  return {
    end: statement<Values, { last: number }>((v, row) => windowEnd(v, row({ last: sql<number>`${rows.seq}` }))),
    list: statement<Values, Unkeyed>(
      (v, row) => sql`
        select ${row(unkeyed(place))} from ${rows}
        where ${scope(v, rows)} and ${rows.seq} > ${v.after} and ${isUnkeyed(place)}
          and ${rows.seq} <= coalesce((${windowEnd(v, sql`${rows.seq}`)}), ${literal(Number.MAX_SAFE_INTEGER)})
        order by ${rows.seq} limit ${literal(MAX_FILLED)}`,
    ),
  }
}

type Keys = { keys: string }

/** The rows of a JSON array of [seq, key, name], as far as they still have the name. */
const planted = (v: Slots<Keys>, { rows, name }: Place) => sql`
  from json_each(${v.keys}) planted cross join ${rows} on ${rows.seq} = planted.value ->> 0
  where ${name} = planted.value ->> 2`

function statementsOf(place: Place) {
  const { rows, name, keys, holder } = place
  return {
    everywhere: search<After>(place, () => sql`true`),
    inPartition: search<After & { partition: string }>(
      place,
      (v, { partitionId }) => sql`${partitionId} = ${v.partition}`,
    ),
    // A key that is there stays, unless its holder has another name now: another version of the Worker leaves such keys.
    insert: statement<Keys>((v) =>
      place.insert(
        sql`planted.value ->> 1`,
        sql`${planted(v, place)}
          on conflict do update set ${nameOf(keys.name)} = ${excluded(keys.name)}, ${nameOf(holder)} = ${excluded(holder)}
          where not exists (select 1 from ${rows} where ${rows.seq} = ${holder} and ${keys.name} = ${name})`,
      ),
    ),
    listClashing: statement<Keys, Unkeyed>(
      (v, row) => sql`select ${row(unkeyed(place))} ${planted(v, place)} and ${isUnkeyed(place)}`,
    ),
  }
}

const STATEMENTS: Readonly<Record<Kind, ReturnType<typeof statementsOf>>> = {
  userName: statementsOf(PLACES.userName),
  email: statementsOf(PLACES.email),
  robotAccount: statementsOf(PLACES.robotAccount),
  group: statementsOf(PLACES.group),
}

/** The first of `rows`, as many as fit into one parameter; at least one, or a very long name would stop the run. */
function fitting(rows: readonly Unkeyed[]): Unkeyed[] {
  let left = MAX_CHARACTERS
  return rows.filter(({ name }, index) => {
    left -= name.length
    return index === 0 || left > 0
  })
}

/**
 * The next names of a kind without a key, at most 250, of all partitions or of one.
 *
 * @param after the `seq` of the last row that was looked at
 * @returns `next` is the `after` of the next call; undefined if there are no more rows
 */
export async function listUnkeyed(database: Database, kind: Kind, after: number, partition?: string) {
  const { everywhere, inPartition } = STATEMENTS[kind]
  const [found, [end]] =
    partition === undefined
      ? await database.batch(bind(everywhere.list, { after }), bind(everywhere.end, { after }))
      : await database.batch(bind(inPartition.list, { after, partition }), bind(inPartition.end, { after, partition }))
  const fit = fitting(found)
  const isWindowDone = fit.length === found.length && found.length < MAX_FILLED
  return { found: fit, next: isWindowDone ? end?.last : fit.at(-1)?.seq }
}

/** Gives names keys, unless others have them. Returns those that have none then. */
export async function keepKeys(database: Database, kind: Kind, names: readonly Unkeyed[]): Promise<Unkeyed[]> {
  const keys = JSON.stringify(names.map(({ seq, name }) => [seq, foldName(name), name]))
  const { insert, listClashing } = STATEMENTS[kind]
  const [, clashing] = await database.batch(bind(insert, { keys }), bind(listClashing, { keys }))
  return clashing
}

const isUnkeyedIn = (v: Slots<{ partition: string }>, place: Place) =>
  sql`exists (select 1 from ${place.rows} where ${place.rows.partitionId} = ${v.partition} and ${isUnkeyed(place)})`

const selectLack = statement<{ partition: string }, { lacks: number }>(
  (v, row) => sql`
    select ${row({ lacks: sql<number>`1` })} where ${sql.join(
      KINDS.map((kind) => isUnkeyedIn(v, PLACES[kind])),
      sql` or `,
    )}`,
  { touches: 'partition' },
)

/** The statement that returns a row if any name of `partition` has no key. */
export const askForLack = (partition: string): Bound<unknown> => bind(selectLack, { partition })
