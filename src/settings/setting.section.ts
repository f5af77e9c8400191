// Settings in a tenant's document. Secrets among them are in clear there, and sealed in the database and in snapshots.
import { sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import * as z from 'zod/mini'
import { directoryEntities } from '../directory/directory.table.ts'
import { placed, requireDistinct } from '../documents/distinct.ts'
import { columnOf, type EntryList, entryList, listed, PLANTED_IN } from '../documents/entry-list.ts'
import { OWN } from '../documents/read-entries.ts'
import { fill, section } from '../documents/section.ts'
import { list, optionalText, text } from '../documents/seed-values.ts'
import { mapInPieces } from '../http/let-others-in.ts'
import { normalizePasswordComplexity, PASSWORD_COMPLEXITY } from './password-complexity.ts'
import { sealSetting, unsealSetting } from './secret-settings.ts'
import { settings } from './setting.table.ts'

const SettingSeed = z.object({
  /** Kept unless another setting has it. */
  id: z.optional(z.int().check(z.minimum(1), z.maximum(2 ** 31 - 1))),
  key: text(1024).check(z.minLength(1)),
  value: z.optional(z.nullable(text(1_048_576))),
  /** The user it belongs to, by id or name; none for the tenant's own. */
  user: optionalText,
})

/** A setting in a snapshot, its value sealed if it is a secret. */
export interface SettingEntry {
  id: number
  key: string
  value: string | null
  user: string | null
}

const taken = alias(settings, 'taken')

/**
 * The highest id that is planted though AUTOINCREMENT has not reached it: a higher one would leave too few ids to
 * other partitions.
 */
const MAX_ID = 1_000_000

export const settingList: EntryList<SettingEntry> = entryList({
  name: 'settings',
  rows: listed({
    table: settings,
    except: { partitionId: PLANTED_IN, owner: 'it is generated from userSeq' },
    references: { userSeq: directoryEntities },
    properties: { userSeq: 'user' },
    planted: {
      // Ids are unique among all partitions. In place of one that is taken or too high, AUTOINCREMENT gives another.
      id: (id) => sql`iif(
        ${id} <= max(${sql.raw(`${MAX_ID}`)}, coalesce((select seq from sqlite_sequence where name = 'settings'), 0))
          and not exists (select 1 from ${settings} ${taken} where ${taken.id} = ${id}), ${id}, null)`,
    },
  }),
  order: [settings.id],
})

const ownOwner = columnOf(OWN, settings.owner)

/** The partition's own settings and those of users, as lists of their own with one name in snapshots. */
export const ownSettingList: EntryList<SettingEntry> = { ...settingList, where: sql`${ownOwner} = 0` }
export const userSettingList: EntryList<SettingEntry> = {
  ...settingList,
  where: sql`${ownOwner} > 0`,
  firstPart: 1_000_000,
}

// A large partition's own settings are read before those of its users.
const byId = (entries: readonly SettingEntry[]) => entries.toSorted((one, other) => one.id - other.id)

export const settingSection = section({
  schema: { settings: list(SettingSeed) },
  lists: [settingList],
  async read({ settings = [] }, { env, names }) {
    const entries = await mapInPieces(settings, ({ id, key, value = null, user }, index) => {
      const rule = key === PASSWORD_COMPLEXITY ? (normalizePasswordComplexity(value) ?? value) : value
      return { id, key, value: rule, user: user ? names.idOf('account', `settings[${index}].user`, user) : null }
    })
    await requireDistinct(
      placed('settings', entries, 'key'),
      (key, index) => `${JSON.stringify(entries[index]?.user)} ${key}`,
    )
    return [fill(settingList, await mapInPieces(entries, (entry) => sealSetting(env, entry, entry)))]
  },
  write: async (entries, env) => ({
    settings: await mapInPieces(byId(entries(settingList)), (entry) => unsealSetting(env, entry, entry)),
  }),
})
