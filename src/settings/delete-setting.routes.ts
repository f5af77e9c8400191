// /api/Setting, beyond reading and writing values: deleting settings, and trying those of a mail server.
import { Hono } from 'hono'
import { authorize } from '../auth/authorize.ts'
import { ownPartition, reachEveryPartition, reachPartition } from '../auth/reach-partition.ts'
import { ADMINISTERING } from '../auth/roles.ts'
import type { AppEnv } from '../database/session.ts'
import { known } from '../http/identifier.ts'
import { noContent, ok } from '../http/ok.ts'
import { notFound } from '../http/refusal.ts'
import { validate, validateJson } from '../http/validate.ts'
import { findPartition } from '../partitions/find-partition.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'
import { deleteSetting, deleteSettings } from './delete-setting.queries.ts'
import { DeleteSettings, SettingPath, SmtpVerdict, VerifySmtp } from './setting.schema.ts'

export const deleteSettingRoutes = new Hono<AppEnv>()
  .delete(
    '/api/Setting',
    authorize({
      operationId: 'Setting_BulkDelete',
      summary: 'Deletes settings of a partition by their keys; keys that are not set are ignored.',
      scopes: ['PM.Setting', 'PM.Setting.Write'],
      callers: ADMINISTERING,
    }),
    validateJson(DeleteSettings),
    async (c) => {
      const { settings, partitionGlobalId } = c.req.valid('json')
      const { partition, database } = await reachPartition(c, partitionGlobalId ?? HOST_PARTITION)
      known(await deleteSettings(database, partition, settings), 'partitionGlobalId', partition)
      return noContent(c)
    },
  )
  .delete(
    '/api/Setting/:settingId',
    authorize({
      operationId: 'Setting_Delete',
      summary: 'Deletes the setting of that row id.',
      scopes: ['PM.Setting', 'PM.Setting.Write'],
      callers: ADMINISTERING,
    }),
    validate('param', SettingPath),
    async (c) => {
      const { settingId } = c.req.valid('param')
      // The path names no partition: host administrators delete in any of the main database, others in their own.
      const { partition, database } = reachEveryPartition(c) ?? (await reachPartition(c, ownPartition(c)))
      if (!(await deleteSetting(database, settingId, partition))) throw notFound()
      return noContent(c)
    },
  )
  .post(
    '/api/Setting/VerifySmtpSettings',
    authorize({
      operationId: 'Setting_VerifySmtpSetting',
      summary: 'Checks the form of mail settings. Nothing is sent, and the answer says so.',
      answer: SmtpVerdict,
      evidence: 'documented; the body is own, nothing is sent',
      scopes: ['PM.Setting', 'PM.Setting.Write'],
      callers: ADMINISTERING,
    }),
    validateJson(VerifySmtp),
    async (c) => {
      const { recipient } = c.req.valid('json')
      const { partition, database } = await reachPartition(c, ownPartition(c))
      known(await findPartition(database, partition), 'partitionGlobalId', partition)
      // Real server: sends a message; its body is not published.
      return ok(c, { sent: false, message: `The settings are well-formed. No message was sent to ${recipient}.` })
    },
  )
