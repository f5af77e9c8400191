// Reads, sets, advances and releases the clock of a tenant.
import { type Context, Hono } from 'hono'
import * as z from 'zod/mini'
import { openPartition } from '../../database/session.ts'
import { noContent, ok } from '../../http/ok.ts'
import { timestamp } from '../../http/timestamp.ts'
import { validate, validateStrictJson } from '../../http/validate.ts'
import type { ControlEnv } from '../access/call.ts'
import { changeSettings, loadArmed } from '../effects/armed.ts'
import type { Armed } from '../effects/armed-cache.ts'
import { advance, type ClockSetting, isShowable, parseInstant, REAL, readClock, setTo } from '../effects/clock.ts'
import { ControlProblem } from '../problem.ts'
import { operation } from './operation.ts'
import { requestedTenant, TenantPath } from './tenant-path.ts'

export const Clock = z.object({ now: z.string(), frozen: z.boolean(), real: z.boolean() })

const SetClock = z.object({
  /** ISO 8601, in UTC. */
  now: z.string(),
  frozen: z.optional(z.boolean()),
})

const AdvanceClock = z.object({ milliseconds: z.int() })

async function changeClock(c: Context<ControlEnv>, tenant: string, change: (clock: ClockSetting) => ClockSetting) {
  const { id } = await requestedTenant(c, tenant)
  const database = openPartition(c, id, 'current')
  return present(await changeSettings(c.env, database, id, ({ clock }) => ({ clock: change(clock) })))
}

function present({ clock }: Pick<Armed, 'clock'>) {
  const { milliseconds, ticks } = readClock(clock)
  return { now: `${timestamp(milliseconds, ticks)}Z`, frozen: clock.is === 'frozen', real: clock.is === 'real' }
}

export const clockRoutes = new Hono<ControlEnv>()
  .get(
    '/tenants/:tenant/clock',
    operation({
      operationId: 'readClock',
      key: 'tenant',
      summary: 'What a tenant takes the time to be.',
      answer: Clock,
    }),
    validate('param', TenantPath),
    async (c) => {
      const { id } = await requestedTenant(c, c.req.valid('param').tenant)
      return ok(c, present(await loadArmed(c.env, id)))
    },
  )
  .put(
    '/tenants/:tenant/clock',
    operation({
      operationId: 'setClock',
      key: 'tenant',
      summary: 'Sets the clock; it stands still unless `frozen` is false.',
      answer: Clock,
    }),
    validate('param', TenantPath),
    validateStrictJson(SetClock),
    async (c) => {
      const { now, frozen = true } = c.req.valid('json')
      const instant = parseInstant(now)
      if (!instant) throw new ControlProblem(400, 'The time is not ISO 8601 in UTC with up to seven fractional digits.')
      return ok(c, await changeClock(c, c.req.valid('param').tenant, () => setTo(instant, frozen)))
    },
  )
  .post(
    '/tenants/:tenant/clock/advance',
    operation({
      operationId: 'advanceClock',
      key: 'tenant',
      summary: 'Puts the clock forward, or back; a frozen one stays frozen.',
      answer: Clock,
    }),
    validate('param', TenantPath),
    validateStrictJson(AdvanceClock),
    async (c) => {
      const { milliseconds } = c.req.valid('json')
      const advanced = (clock: ClockSetting) => {
        if (!isShowable(readClock(clock).milliseconds + milliseconds)) {
          throw new ControlProblem(400, 'The clock cannot show that time.')
        }
        return advance(clock, milliseconds)
      }
      return ok(c, await changeClock(c, c.req.valid('param').tenant, advanced))
    },
  )
  .delete(
    '/tenants/:tenant/clock',
    operation({ operationId: 'releaseClock', key: 'tenant', summary: 'The real time counts again.' }),
    validate('param', TenantPath),
    async (c) => {
      await changeClock(c, c.req.valid('param').tenant, () => REAL)
      return noContent(c)
    },
  )
