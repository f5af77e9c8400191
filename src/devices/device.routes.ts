// /device: where a user answers for a device.
import { type Context, Hono } from 'hono'
import type { AppEnv } from '../database/session.ts'
import { describe } from '../http/contract.ts'
import { pageForm, queryOf } from '../sign-in/page-form.ts'
import { showDevice, takeDevice } from './device-page.ts'

export const deviceRoutes = new Hono<AppEnv>()
  .get(
    '/device',
    describe(
      {
        operationId: 'Device_Show',
        summary: 'The page on which a user types in the code of a device.',
        evidence: 'framework default; the page is own',
        page: true,
        status: 200,
      },
      (c: Context<AppEnv>) => showDevice(c, queryOf(c)),
    ),
  )
  .post(
    '/device',
    describe(
      {
        operationId: 'Device_Answer',
        summary: 'Takes the code of a device, and the answer of its user.',
        evidence: 'framework default; the page is own',
        page: true,
        status: 200,
      },
      async (c: Context<AppEnv>) => takeDevice(c, await pageForm(c)),
    ),
  )
