// Makes, lists and revokes keys, and says what was used of them.
import { type Context, Hono } from 'hono'
import * as z from 'zod/mini'
import { openMain } from '../../database/session.ts'
import { created, noContent, ok } from '../../http/ok.ts'
import { validate, validateStrictJson } from '../../http/validate.ts'
import type { ControlEnv } from '../access/call.ts'
import { insertKey, type KeyUsage, listTeamKeys, revokeKey } from '../access/key.queries.ts'
import { newKey, newKeyId } from '../access/key-format.ts'
import { KeyLimits } from '../access/limits.ts'
import { reportUsage } from '../access/meter.ts'
import { primaryOf } from '../effects/armed.ts'
import { ControlProblem } from '../problem.ts'
import { operation } from './operation.ts'
import { requestedTenant, TenantPath } from './tenant-path.ts'

const YEAR = 31_536_000
const DEFAULT_LIFE = 90 * 24 * 3600

const MakeKey = z.object({
  /** Keys of one team reach the same tenants. */
  team: z
    .string()
    .check(z.regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'A team has small letters, digits and inner hyphens.')),
  /** In seconds. */
  expiresIn: z._default(z.int().check(z.minimum(1), z.maximum(10 * YEAR)), DEFAULT_LIFE),
  limits: z._default(KeyLimits, z.parse(KeyLimits, {})),
})
const KeyPath = z.object({ key: z.string().check(z.regex(/^key-[\w-]{12}$/, 'The value is not the id of a key.')) })

export const Key = z.object({
  id: z.string(),
  team: z.nullable(z.string()),
  createdAt: z.string(),
  expiresAt: z.nullable(z.string()),
  limits: KeyLimits,
  usage: z.object({ tenants: z.int(), rows: z.int(), requests: z.int() }),
})
export const MadeKey = z.object({ ...Key.shape, key: z.string() })

export const Usage = z.object({
  /** Null where they are not counted. */
  rows: z.nullable(z.int()),
  requests: z.nullable(z.int()),
  limits: z.nullable(z.object({ rows: z.int(), rowsAtOnce: z.int() })),
})

const present = ({ id, team, createdAt, expiresAt, limits, tenants, rows, requests }: KeyUsage) => ({
  ...{ id, team, createdAt: new Date(createdAt).toISOString() },
  expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
  limits: z.parse(KeyLimits, JSON.parse(limits ?? '{}')),
  usage: { tenants, rows, requests },
})

const NONE = { tenants: 0, rows: 0, requests: 0 }

/** Makes a key for a team. The answer is the only place where the key itself ever is. */
async function makeKey(c: Context<ControlEnv>, { team, expiresIn, limits }: z.infer<typeof MakeKey>) {
  const { key, hash } = await newKey('team')
  const createdAt = Date.now()
  const row = { id: newKeyId(), team, partitionId: null, limits: JSON.stringify(limits), createdAt }
  const kept = { ...row, expiresAt: createdAt + expiresIn * 1000 }
  c.get('call').subject = row.id
  await openMain(c).batch(insertKey({ ...kept, hash, parentId: null }))
  return { ...present({ ...kept, ...NONE }), key }
}

export const keyRoutes = new Hono<ControlEnv>()
  .post(
    '/keys',
    operation({
      operationId: 'createKey',
      key: 'root',
      summary: 'Makes a key for a team. The answer shows it, once.',
      answer: MadeKey,
      status: 201,
    }),
    validateStrictJson(MakeKey),
    async (c) => created(c, await makeKey(c, c.req.valid('json'))),
  )
  .get(
    '/keys',
    operation({
      operationId: 'listKeys',
      key: 'team',
      summary: 'The keys of teams with what they hold, newest first; with a team’s key those of the team.',
      answer: z.object({ results: z.array(Key) }),
    }),
    async (c) => ok(c, { results: (await listTeamKeys(openMain(c), c.get('call').caller.team)).map(present) }),
  )
  .delete(
    '/keys/:key',
    operation({
      operationId: 'revokeKey',
      key: 'root',
      summary: 'Revokes a key and those of the tenants that were made with it. The tenants stay.',
      problems: [404],
    }),
    validate('param', KeyPath),
    async (c) => {
      const { key } = c.req.valid('param')
      c.get('call').subject = key
      if (!(await revokeKey(openMain(c), key))) {
        throw new ControlProblem(404, 'There is no such key.')
      }
      return noContent(c)
    },
  )
  .get(
    '/tenants/:tenant/usage',
    operation({
      operationId: 'readUsage',
      key: 'tenant',
      summary:
        'The rows that a tenant holds at most and the requests that it has answered, if it was made with a team’s key.',
      answer: Usage,
    }),
    validate('param', TenantPath),
    async (c) => ok(c, await readUsage(c, c.req.valid('param').tenant)),
  )

async function readUsage(c: Context<ControlEnv>, tenant: string) {
  const { id, maxRows } = await requestedTenant(c, tenant)
  if (maxRows === null) return { rows: null, requests: null, limits: null }
  const { 2: found } = await primaryOf(c.env, id).batch(...reportUsage(c.env, id.toLowerCase()))
  const [used] = found
  const limits = { rows: maxRows, rowsAtOnce: used?.maxRowsAtOnce ?? 0 }
  return { rows: used?.rows ?? 0, requests: used?.requests ?? 0, limits }
}
