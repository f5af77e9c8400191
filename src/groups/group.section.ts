// Groups in a tenant's document, each with its members.
import * as z from 'zod/mini'
import { directoryEntities } from '../directory/directory.table.ts'
import { placed, requireDistinct } from '../documents/distinct.ts'
import { type EntryList, entryList, listed, PLANTED_IN } from '../documents/entry-list.ts'
import { fill, section } from '../documents/section.ts'
import { list, name, optionalId, optionalInstant, text } from '../documents/seed-values.ts'
import { foldId } from '../http/identifier.ts'
import { mapInPieces } from '../http/let-others-in.ts'
import { GROUP_TYPE } from './group.schema.ts'
import { builtInGroups, CITIZEN_DEVELOPERS, countMembers } from './group.seed.ts'
import { groupMembers, groupNameKeys, groups } from './group.table.ts'
import { type GroupNameKey, groupKeysOf } from './group-name-keys.ts'

/** Typed as numbers: TypeScript infers `number` for a type in a variable, which the literal types would refuse. */
const TYPES: Readonly<Record<string, number>> = GROUP_TYPE

const GroupSeed = z.object({
  id: optionalId,
  name,
  /** 0 built-in, 1 custom. */
  type: z.optional(z.enum(TYPES)),
  creationTime: optionalInstant,
  lastModificationTime: optionalInstant,
  /** Ids, or names, of accounts of this document. */
  members: z.optional(z.array(text())),
})
type GroupSeed = z.infer<typeof GroupSeed>

const except = {
  seq: 'it is given out anew, in the order of the entries',
  partitionId: PLANTED_IN,
  memberCount: 'it is counted anew when the members are planted',
  concurrencyStamp: 'it is compared within the batch that wrote it, and has no use afterwards',
} as const

type GroupEntry = Omit<typeof groups.$inferSelect, keyof typeof except>

const groupList: EntryList<GroupEntry> = entryList({
  name: 'groups',
  rows: listed({ table: groups, except }),
  order: [groups.seq],
})

const keys: EntryList<GroupNameKey> = entryList({
  name: 'groupNameKeys',
  rows: listed({
    table: groupNameKeys,
    except: { partitionId: PLANTED_IN },
    references: { groupSeq: groups },
    properties: { groupSeq: 'group' },
  }),
  order: [groupNameKeys.key],
  isDerived: true,
})

const members: EntryList<readonly [group: string, member: string]> = entryList({
  name: 'members',
  rows: listed({
    table: groupMembers,
    except: {},
    references: { groupSeq: groups, entitySeq: directoryEntities },
    properties: { groupSeq: 0, entitySeq: 1 },
  }),
  order: [groupMembers.groupSeq, groupMembers.entitySeq],
  through: 'groupSeq',
  derived: [{ plant: countMembers }],
})

/** The group that a document describes, and its members as the document calls them. */
function readGroup({ members = [], ...seed }: GroupSeed, now: string) {
  const builtIn = seed.id === undefined && builtInGroups(now).find((group) => foldId(group.name) === foldId(seed.name))
  const { id, name, type, lastModificationTime } = builtIn || {
    id: seed.id ?? crypto.randomUUID(),
    name: seed.name,
    type: seed.type ?? GROUP_TYPE.custom,
    lastModificationTime: null,
  }
  const creationTime = seed.creationTime ?? now
  return {
    entry: { id, name, type, creationTime, lastModificationTime: seed.lastModificationTime ?? lastModificationTime },
    members,
  }
}

const BUILT_IN = builtInGroups('').map(({ id }) => id)

/** Where a group stands among the built-in ones; behind them all if it is another. */
const placeOf = (id: string) => (BUILT_IN.includes(id) ? BUILT_IN.indexOf(id) : BUILT_IN.length)

export const groupSection = section({
  schema: { groups: list(GroupSeed) },
  lists: [groupList, keys, members],
  async read({ groups = [] }, { now, names }) {
    await requireDistinct(placed('groups', groups, 'id'))
    await requireDistinct(placed('groups', groups, 'name'))
    const given = groups.map((group) => readGroup(group, now))
    const known = new Set(given.flatMap(({ entry }) => [foldId(entry.id), foldId(entry.name)]))
    // A document that lists its built-in groups, as a dump does, may be of an installation that has no Citizen Developers.
    const isListed = groups.some(({ type }) => type === GROUP_TYPE.builtIn)
    const missing = builtInGroups(now).filter(
      ({ id, name }) => !known.has(foldId(id)) && !known.has(foldId(name)) && !(isListed && id === CITIZEN_DEVELOPERS),
    )
    const memberRows = await mapInPieces(
      given,
      ({ entry, members }, index) => {
        const ids = members.map((member) => names.idOf('account', `groups[${index}].members`, member))
        return [...new Set(ids)].map((id) => [entry.id, id] as const)
      },
      (group) => 1 + group.members.length,
    )
    const entries = [...missing.map(({ members, ...group }) => group), ...given.map(({ entry }) => entry)]
    // Real server: built-in groups stand first, in this order (documented). A document that lists them has its own.
    if (!isListed) entries.sort((one, other) => placeOf(one.id) - placeOf(other.id))
    return [fill(groupList, entries), fill(keys, groupKeysOf(entries)), fill(members, memberRows.flat())]
  },
  async write(entries) {
    const memberRows = Map.groupBy(entries(members), ([group]) => group)
    return {
      groups: await mapInPieces(entries(groupList), (group) => ({
        ...group,
        type: group.type === GROUP_TYPE.builtIn ? GROUP_TYPE.builtIn : GROUP_TYPE.custom,
        members: (memberRows.get(group.id) ?? []).map(([, member]) => member),
      })),
    }
  },
})
