// Names of accounts by their fold, which SQLite cannot compute: it is computed here and kept beside the account.
import { type SQL, sql } from 'drizzle-orm'
import { excluded, insertSelect, nameOf } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { foldName } from '../http/fold-name.ts'
import { inPieces } from '../http/let-others-in.ts'
import { directoryEntities, nameKeys } from './directory.table.ts'
import { USER_TYPE } from './member.ts'

/** What names are unique among: those of users, their addresses, those of robot accounts. */
export type NameKind = 'userName' | 'email' | 'robotAccount'

/**
 * The accounts whose name of a kind has the key. A key counts only as long as it was made of the name that the account has
 * now: another version of the Worker changes names and leaves the keys.
 */
export const holdersOf = (v: Slots<{ partition: string }>, kind: NameKind, key: SQL) => sql`
  ${nameKeys} cross join ${directoryEntities} on ${directoryEntities.seq} = ${nameKeys.entitySeq}
  where ${nameKeys.partitionId} = ${v.partition} and ${nameKeys.kind} = ${sql.raw(`'${kind}'`)} and ${nameKeys.key} = ${key}
    and ${nameKeys.name} = ${kind === 'email' ? directoryEntities.email : directoryEntities.name}`

/** Behind an insert of keys: one that is there is of a name that its account does not have any more. */
export const replaceKeys = sql`
  on conflict do update set ${nameOf(nameKeys.name)} = ${excluded(nameKeys.name)},
    ${nameOf(nameKeys.entitySeq)} = ${excluded(nameKeys.entitySeq)}`

interface Named {
  readonly id: string
  readonly type: number
  readonly name: string
  readonly email?: string | null | undefined
}

export interface NameKey {
  kind: NameKind
  key: string
  name: string
  /** The account's id. */
  entity: string
}

/** The keys of accounts. Of names that are the same only the first has one: both accounts stay, and no third gets the name. */
export function keysOf(accounts: readonly Named[]): NameKey[] {
  const keys = new Map<string, NameKey>()
  addKeys(keys, accounts)
  return [...keys.values()]
}

/** As {@link keysOf}; between pieces of a long list others are let in. */
export async function keysInPieces(accounts: readonly Named[]): Promise<NameKey[]> {
  const keys = new Map<string, NameKey>()
  for await (const { items } of inPieces(accounts)) addKeys(keys, items)
  return [...keys.values()]
}

function addKeys(keys: Map<string, NameKey>, accounts: readonly Named[]) {
  for (const { id, type, name, email } of accounts) {
    const names: [NameKind, string][] =
      type === USER_TYPE.user
        ? [['userName', name], ...(email ? [['email', email] satisfies [NameKind, string]] : [])]
        : type === USER_TYPE.robotAccount
          ? [['robotAccount', name]]
          : []
    for (const [kind, given] of names) {
      const key = foldName(given)
      const place = `${kind} ${key}`
      if (!keys.has(place)) keys.set(place, { kind, key, name: given, entity: id })
    }
  }
}

/** Keeps `keys`, a JSON array of {@link NameKey}, of accounts that were planted. */
export const plantKeys = statement<{ partition: string; keys: string }>(
  (v) =>
    insertSelect(
      nameKeys,
      {
        partitionId: v.partition,
        kind: sql`planted.value ->> 'kind'`,
        key: sql`planted.value ->> 'key'`,
        name: sql`planted.value ->> 'name'`,
        entitySeq: directoryEntities.seq,
      },
      sql`from json_each(${v.keys}) planted cross join ${directoryEntities}
        on ${directoryEntities.partitionId} = ${v.partition} and ${directoryEntities.id} = planted.value ->> 'entity'
        where true on conflict do nothing`,
    ),
  { touches: 'partition' },
)
