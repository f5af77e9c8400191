// /api/Setting, beyond reading and writing values: deleting settings, and trying those of a mail server.
import { Hono } from 'hono'
import { ownPartition, reachPartition } from '../auth/reach-partition.ts'
import { requireScope } from '../auth/require-scope.ts'
import { type AppEnv, openMain } from '../database/session.ts'
import { describe } from '../http/contract.ts'
import { unknownId } from '../http/identifier.ts'
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
    describe({
      operationId: 'Setting_BulkDelete',
      summary: 'Deletes settings of a partition by their keys; keys that are not set are ignored.',
    }),
    requireScope('PM.Setting', 'PM.Setting.Write'),
    validateJson(DeleteSettings),
    async (c) => {
      const { settings, partitionGlobalId } = c.req.valid('json')
      const { partition, database } = await reachPartition(c, partitionGlobalId ?? HOST_PARTITION)
      if ((await deleteSettings(database, partition, settings)) === undefined) {
        throw unknownId('partitionGlobalId', partition)
      }
      return noContent(c)
    },
  )
  .delete(
    '/api/Setting/:settingId',
    describe({ operationId: 'Setting_Delete', summary: 'Deletes the setting of that row id.' }),
    requireScope('PM.Setting', 'PM.Setting.Write'),
    validate('param', SettingPath),
    async (c) => {
      const { settingId } = c.req.valid('param')
      // A row id says nothing of its partition: a host administrator's may be any in the main database.
      if (c.var.principal.hostAdmin) {
        if (!(await deleteSetting(openMain(c), settingId))) throw notFound()
        return noContent(c)
      }
      const { partition, database } = await reachPartition(c, ownPartition(c))
      if (!(await deleteSetting(database, settingId, partition))) throw notFound()
      return noContent(c)
    },
  )
  .post(
    '/api/Setting/VerifySmtpSettings',
    describe({
      operationId: 'Setting_VerifySmtpSetting',
      summary: 'Checks the form of mail settings. Nothing is sent, and the answer says so.',
      answer: SmtpVerdict,
    }),
    requireScope('PM.Setting', 'PM.Setting.Write'),
    validateJson(VerifySmtp),
    async (c) => {
      const { recipient } = c.req.valid('json')
      const { partition, database } = await reachPartition(c, ownPartition(c))
      if (!(await findPartition(database, partition))) throw unknownId('partitionGlobalId', partition)
      // Real server: sends a message; its body is not published.
      return ok(c, { sent: false, message: `The settings are well-formed. No message was sent to ${recipient}.` })
    },
  )
