// The directory in a tenant's document: users, robot accounts and applications, in one order.
import * as z from 'zod/mini'
import { placed, requireDistinct } from '../documents/distinct.ts'
import { type EntryList, entryList, listed, PLANTED_IN } from '../documents/entry-list.ts'
import { fill, section } from '../documents/section.ts'
import { list, name, optionalText } from '../documents/seed-values.ts'
import { inPieces, mapInPieces } from '../http/let-others-in.ts'
import { besideDirectory, type UserColumns, UserSeed, userEntry, withHashes } from '../users/user.section.ts'
import { account } from './account.seed.ts'
import { countEntities } from './directory.seed.ts'
import { directoryCounts, directoryEntities, nameKeys } from './directory.table.ts'
import { USER_TYPE } from './member.ts'
import { keysInPieces, type NameKey } from './name-keys.ts'

const OtherSeed = z.object({ ...account, name, firstName: optionalText, lastName: optionalText })
type OtherSeed = z.infer<typeof OtherSeed>

const except = {
  seq: 'it is given out anew, in the order of the entries',
  partitionId: PLANTED_IN,
  concurrencyStamp: 'it is compared within the batch that wrote it, and has no use afterwards',
} as const

type DirectoryEntry = Omit<typeof directoryEntities.$inferSelect, keyof typeof except> & Partial<UserColumns>

const directory: EntryList<DirectoryEntry> = entryList({
  name: 'directory',
  rows: listed({ table: directoryEntities, except }),
  beside: besideDirectory,
  order: [directoryEntities.seq],
  derived: [{ table: directoryCounts, plant: countEntities }],
})

const keys: EntryList<NameKey> = entryList({
  name: 'nameKeys',
  rows: listed({
    table: nameKeys,
    except: { partitionId: PLANTED_IN },
    references: { entitySeq: directoryEntities },
    properties: { entitySeq: 'entity' },
  }),
  order: [nameKeys.kind, nameKeys.key],
  isDerived: true,
})

const otherEntry = (type: number) => (seed: OtherSeed) => ({
  ...seed,
  type,
  displayName: seed.displayName ?? seed.name,
})

export const directorySection = section({
  schema: { users: list(UserSeed), robotAccounts: list(OtherSeed), applications: list(OtherSeed) },
  lists: [directory, keys],
  async read({ users = [], robotAccounts = [], applications = [] }, { env, now, names }) {
    const ids = Object.entries({ users, robotAccounts, applications }).flatMap(([list, seeds]) =>
      placed(list, seeds, 'id'),
    )
    await requireDistinct(ids)
    await requireDistinct(placed('users', users, 'userName'))
    await requireDistinct(placed('users', users, 'email'))
    await requireDistinct(placed('robotAccounts', robotAccounts, 'name'))
    await requireDistinct(placed('applications', applications, 'name'))
    const entries = [
      ...(await mapInPieces(await withHashes(env, users), userEntry)),
      ...robotAccounts.map(otherEntry(USER_TYPE.robotAccount)),
      ...applications.map(otherEntry(USER_TYPE.application)),
    ]
    entries.sort((one, other) => (one.order ?? Infinity) - (other.order ?? Infinity) || 0)
    const accounts = await mapInPieces(entries, ({ order, ...entry }) => ({
      ...entry,
      id: entry.id ?? crypto.randomUUID(),
      creationTime: entry.creationTime ?? now,
    }))
    await names.add('account', accounts)
    return [fill(directory, accounts), fill(keys, await keysInPieces(accounts))]
  },
  async write(entries) {
    const users: z.input<typeof UserSeed>[] = []
    const robotAccounts: OtherSeed[] = []
    const applications: OtherSeed[] = []
    for await (const { from, items } of inPieces(entries(directory))) {
      for (const [index, { type, ...rest }] of items.entries()) {
        const entry = { ...rest, order: from + index }
        if (type === USER_TYPE.user) {
          const { name, firstName, lastName, ...user } = entry
          users.push({ ...user, userName: name, name: firstName, surname: lastName })
        } else if (type === USER_TYPE.robotAccount) robotAccounts.push(entry)
        else if (type === USER_TYPE.application) applications.push(entry)
      }
    }
    return { users, robotAccounts, applications }
  },
})
