// The operator's requests: to seal stored secrets under a new key, and to change the signing key.
import { type Context, Hono, type Next } from 'hono'
import * as z from 'zod/mini'
import { keyRing } from '../auth/keys.ts'
import { allowNoBody } from '../control/routes/operation.ts'
import type { AppEnv } from '../database/session.ts'
import { attach } from '../http/contract.ts'
import { noContent, ok } from '../http/ok.ts'
import { conflict, notFound } from '../http/refusal.ts'
import { validateStrictJson } from '../http/validate.ts'
import { reseal, START } from './reseal.ts'
import { publishNextKey, retire, signWith } from './rotate-keys.ts'

const Position = z.object({
  database: z.int().check(z.minimum(0)),
  table: z._default(z.enum(['settings', 'snapshots']), 'settings'),
  after: z.int().check(z.minimum(0)),
})

/** Names an operation in the log. The document of the control plane, which is for tests, has none of these. */
const named = <Path extends string>(operationId: string) =>
  attach({ operationId }, (c: Context<AppEnv, Path>, next: Next) => allowNoBody(c, next))

export const rotationRoutes = new Hono<AppEnv>()
  // One bounded step, so that no request exceeds the platform's limits; the answer says where the next step begins.
  .post(
    '/reseal',
    named('resealSecrets'),
    validateStrictJson(z.object({ from: z._default(Position, START) })),
    async (c) => ok(c, await reseal(c.env, c.req.valid('json').from)),
  )
  // With the secret SIGNING_KEY the keys in the database are not used, and changing them would have no effect.
  .use('/signing-key/*', async (c, next) => {
    if (c.env.SIGNING_KEY) throw conflict('The signing key is the secret SIGNING_KEY: put another one there.')
    await next()
  })
  .post('/signing-key/next', named('publishSigningKey'), async (c) => ok(c, { kid: await publishNextKey(c.env) }))
  .post('/signing-key/:kid/sign', named('promoteSigningKey'), async (c) => {
    if (!(await signWith(c.env, c.req.param('kid')))) throw notFound()
    return ok(c, {})
  })
  .delete('/signing-key/:kid', named('retireSigningKey'), async (c) => {
    const kid = c.req.param('kid')
    const signing = (await keyRing(c.env)).signing.kid
    if (kid === signing) throw conflict('The key signs: make another one sign before it is retired.')
    if (!(await retire(c.env, kid))) throw notFound()
    return noContent(c)
  })
