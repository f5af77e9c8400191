// /api/Setting: settings of a partition, or of one user in it.
import { Hono } from 'hono'
import * as z from 'zod/mini'
import { authorize } from '../auth/authorize.ts'
import { reachPartition } from '../auth/reach-partition.ts'
import { ADMINISTERING } from '../auth/roles.ts'
import type { AppEnv } from '../database/session.ts'
import { known } from '../http/identifier.ts'
import { ok } from '../http/ok.ts'
import { invalid, Refusal } from '../http/refusal.ts'
import { validate, validateJson } from '../http/validate.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'
import { normalizePasswordComplexity, PASSWORD_COMPLEXITY } from './password-complexity.ts'
import { sealSettings, unsealSettings } from './secret-settings.ts'
import { listSettings, type Owner, type OwnerRow, type SettingRow, upsertSettings } from './setting.queries.ts'
import { Setting, SettingLookup, WriteSettings } from './setting.schema.ts'

export const settingRoutes = new Hono<AppEnv>()
  .get(
    '/api/Setting',
    authorize({
      operationId: 'Setting_GetSettingsBulk',
      summary: 'The settings among the given keys of a partition, or of one of its users.',
      answer: z.array(Setting),
      scopes: ['PM.Setting', 'PM.Setting.Read'],
      callers: [...ADMINISTERING, 'self'],
      owner: 'userId',
    }),
    validate('query', SettingLookup),
    async (c) => {
      const { key, partitionGlobalId, userId } = c.req.valid('query')
      // Real server: without a partition the host's settings are meant, not those of the token's (observed).
      const { partition, database } = await reachPartition(c, partitionGlobalId ?? HOST_PARTITION, { owner: userId })
      const found = await listSettings(database, { partition, user: userId }, key)
      const owner = knownOwner({ partition, user: userId }, found?.owner)
      const opened = unsealSettings(c.env, placeOf(owner), found?.settings ?? [])
      // Awaited only if a secret has to be decrypted: other answers would wait for nothing.
      const rows = opened instanceof Promise ? await opened : opened
      return ok(
        c,
        rows.map((row) => present(owner, row)),
      )
    },
  )
  .put(
    '/api/Setting',
    authorize({
      operationId: 'Setting_UpdateSettings',
      summary: 'Creates or changes settings, all of them or none; answers those written, in the order of the request.',
      answer: z.array(Setting),
      refusals: ['duplicateKeys'],
      scopes: ['PM.Setting', 'PM.Setting.Write'],
      callers: [...ADMINISTERING, 'self'],
      owner: 'userId',
    }),
    validateJson(WriteSettings),
    async (c) => {
      const { settings, partitionGlobalId, userId } = c.req.valid('json')
      const { partition, database } = await reachPartition(c, partitionGlobalId ?? HOST_PARTITION, { owner: userId })
      const rows = settings.map(normalize)
      // Assumed: what the status that is declared is for.
      if (new Set(rows.map((row) => row.key)).size < rows.length) throw new Refusal({ is: 'duplicateKeys' })
      const place = { partition, user: userId }
      const written = await upsertSettings(database, place, await sealSettings(c.env, place, rows))
      const owner = knownOwner(place, written.owner)
      const ids = new Map(written.settings.map(({ key, id }) => [key, id]))
      return ok(
        c,
        rows.flatMap((row) => presentWritten(owner, row, ids.get(row.key))),
      )
    },
  )

function present(owner: OwnerRow, { id, key, value }: SettingRow): Setting {
  return { id, key, value, ...owner }
}

// Values are answered as they were requested: in the database those of secrets are encrypted.
function presentWritten(owner: OwnerRow, row: Omit<SettingRow, 'id'>, id: number | undefined): Setting[] {
  return id === undefined ? [] : [present(owner, { id, ...row })]
}

const placeOf = ({ partitionGlobalId, userId }: OwnerRow): Owner => ({ partition: partitionGlobalId, user: userId })

function knownOwner({ partition, user }: Owner, found: OwnerRow | undefined): OwnerRow {
  const { partitionGlobalId, userId } = known(found, 'partitionGlobalId', partition)
  if (user !== null) known(userId, 'userId', user)
  return { partitionGlobalId, userId }
}

function normalize({ key, value = null }: { key: string; value?: string | null | undefined }, index: number) {
  if (key !== PASSWORD_COMPLEXITY) return { key, value }
  const normalized = normalizePasswordComplexity(value)
  if (normalized === undefined) throw invalid(`settings[${index}].value`, `The value of ${key} is not valid.`)
  return { key, value: normalized }
}
