// The operator's request to give names the keys that they lack.
import { Hono } from 'hono'
import * as z from 'zod/mini'
import type { AppEnv } from '../../database/session.ts'
import { ok } from '../../http/ok.ts'
import { validateStrictJson } from '../../http/validate.ts'
import { KINDS } from '../states/name-clash.ts'
import { fillNames, START } from '../states/name-fill.ts'
import { allowNoBody } from './operation.ts'

const Position = z.object({
  database: z.int().check(z.minimum(0)),
  kind: z.enum(KINDS),
  after: z.int().check(z.minimum(0)),
})

export const nameRoutes = new Hono<AppEnv>()
  // One bounded step, so that no request exceeds the platform's limits; the answer says where the next step begins.
  .post('/fill', allowNoBody, validateStrictJson(z.object({ from: z._default(Position, START) })), async (c) =>
    ok(c, await fillNames(c.env, c.req.valid('json').from)),
  )
