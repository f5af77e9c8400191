// The journal of a tenant, which lists the requests that were made of it: read, counted, waited for, switched and cleared.
import { and, desc, eq, gt, lt, type SQL, sql } from 'drizzle-orm'
import { type Context, Hono } from 'hono'
import * as z from 'zod/mini'
import { bind } from '../../database/database.ts'
import { deleteFrom, select } from '../../database/query-builder.ts'
import { openPartition } from '../../database/session.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { noContent, ok } from '../../http/ok.ts'
import { validate, validateStrictJson } from '../../http/validate.ts'
import type { ControlEnv } from '../access/call.ts'
import { journal } from '../control.table.ts'
import { changeSettings, primaryOf } from '../effects/armed.ts'
import { isSecretHeader, type JournalEntry, MAX_ENTRIES } from '../effects/journal.ts'
import { MethodName, OperationName } from '../effects/operation-names.ts'
import { ControlProblem } from '../problem.ts'
import { operation } from './operation.ts'
import { queryNumber } from './query-number.ts'
import { requestedTenant, TenantPath } from './tenant-path.ts'

const text = z.optional(z.string())

/** Query parameters that choose among the requests; all that are given have to match. */
const filter = {
  /** By the operation's name in the OpenAPI document, such as `Group_UpdateGroup`. */
  operation: z.optional(OperationName),
  method: z.optional(MethodName),
  status: z.optional(z.string().check(z.regex(/^\d{3}$/, 'The value is not valid.'))),
  /** What the path, or its query, contains. */
  path: text,
  /** A client's or a user's id. */
  principal: text,
  /** Only requests after the one of that number. */
  since: queryNumber(0, 999_999_999, 0),
}
const NO_NUMBER = 999_999_999
const Filter = z.object({
  ...filter,
  /** Only requests with a lower number: those before a page that was read. */
  before: queryNumber(1, NO_NUMBER, NO_NUMBER),
  limit: queryNumber(1, MAX_ENTRIES, 100),
})
const Wait = z.object({ ...filter, count: queryNumber(1, MAX_ENTRIES, 1), timeout: queryNumber(0, 60, 10) })
type Filter = Omit<z.infer<typeof Filter>, 'limit' | 'before'> & { before?: number }

const Entry = z.looseObject({ number: z.int(), method: z.string(), path: z.string(), status: z.int() })
/** A name that stands for a secret is refused. */
const HeaderName = z.string().check(
  z.regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, 'The value is not valid.'),
  z.refine((name) => !isSecretHeader(name), 'A header that may carry a secret is not written down.'),
)
const WriteRecording = z.object({
  enabled: z.boolean(),
  /** Request headers to keep beside the usual ones; left out, they stay as they are. */
  headers: z.optional(z.array(HeaderName).check(z.maxLength(32))),
})
const Recording = z.object({ enabled: z.boolean(), headers: z.array(z.string()) })

const Count = z.object({ count: z.int() })

type Values = {
  partition: string
  operation: string | null
  method: string | null
  status: string | null
  path: string | null
  principal: string | null
  since: number
  before: number
}

const part = (path: string) => sql`${journal.entry} ->> ${sql.raw(`'${path}'`)}`

/** The condition for entries that match all the values; null matches any. */
const matches = (v: Slots<Values>): SQL | undefined =>
  and(
    eq(journal.partitionId, v.partition),
    gt(journal.number, v.since),
    lt(journal.number, v.before),
    sql`lower(coalesce(${part('operation')}, '')) = lower(coalesce(${v.operation}, ${part('operation')}, ''))`,
    sql`(${part('method')}) = upper(coalesce(${v.method}, ${part('method')}))`,
    sql`(${part('status')}) = cast(coalesce(${v.status}, ${part('status')}) as integer)`,
    sql`instr(${part('path')}, coalesce(${v.path}, '')) > 0`,
    sql`coalesce(${v.principal} in (${part('$.principal.clientId')}, ${part('$.principal.userId')}), ${v.principal} is null)`,
  )

const selectEntries = statement(
  (v: Slots<Values & { limit: number }>) =>
    select({ number: journal.number, entry: journal.entry })
      .from(journal)
      .where(matches(v))
      .orderBy(desc(journal.number))
      .limit(v.limit),
  { touches: 'partition' },
)

const countEntries = statement(
  (v: Slots<Values>) => select({ count: sql<number>`count(*)` }).from(journal).where(matches(v)),
  { touches: 'partition' },
)

const clearEntries = statement(
  (v: Slots<{ partition: string }>) => deleteFrom(journal).where(eq(journal.partitionId, v.partition)),
  { touches: 'partition' },
)

const valuesOf = (
  partition: string,
  { operation, method, status, path, principal, since, before = NO_NUMBER }: Filter,
): Values => ({
  partition,
  operation: operation ?? null,
  method: method ?? null,
  status: status ?? null,
  path: path ?? null,
  principal: principal ?? null,
  since,
  before,
})

/** The last `limit` requests that match, oldest first, and how many match in all. */
async function read(env: Cloudflare.Env, partition: string, wanted: Filter, limit: number) {
  const values = valuesOf(partition, wanted)
  const [rows, [counted]] = await primaryOf(env, partition).batch(
    bind(selectEntries, { ...values, limit }),
    bind(countEntries, values),
  )
  const results = rows.reverse().map(({ number, entry }): JournalEntry & { number: number } => ({
    number,
    ...JSON.parse(entry),
  }))
  return { results, count: counted?.count ?? 0 }
}

/** The time between two looks at the database while a caller waits for requests. In milliseconds. */
const POLL = { embedded: 20, deployed: 250 }

async function wait(env: Cloudflare.Env, partition: string, wanted: z.infer<typeof Wait>) {
  const deadline = Date.now() + wanted.timeout * 1000
  for (;;) {
    const found = await read(env, partition, wanted, MAX_ENTRIES)
    if (found.count >= wanted.count) return found
    const left = deadline - Date.now()
    if (left <= 0) {
      const { count } = found
      throw new ControlProblem(408, `There were ${count} such requests in that time, not ${wanted.count}.`)
    }
    await scheduler.wait(Math.min(left, env.EMBEDDED ? POLL.embedded : POLL.deployed))
  }
}

const idOf = async (c: Context<ControlEnv>, tenant: string) => (await requestedTenant(c, tenant)).id

const Found = z.object({ results: z.array(Entry), count: z.int() })

export const journalRoutes = new Hono<ControlEnv>()
  .get(
    '/tenants/:tenant/journal',
    operation({
      operationId: 'readJournal',
      key: 'tenant',
      summary: 'The last requests of a tenant, oldest first.',
      answer: Found,
    }),
    validate('param', TenantPath),
    validate('query', Filter),
    async (c) => {
      const { limit, ...wanted } = c.req.valid('query')
      return ok(c, await read(c.env, await idOf(c, c.req.valid('param').tenant), wanted, limit))
    },
  )
  .get(
    '/tenants/:tenant/journal/count',
    operation({ operationId: 'countJournal', key: 'tenant', summary: 'How many requests match.', answer: Count }),
    validate('param', TenantPath),
    validate('query', Filter),
    async (c) => {
      const partition = await idOf(c, c.req.valid('param').tenant)
      const counted = await primaryOf(c.env, partition).first(countEntries, valuesOf(partition, c.req.valid('query')))
      return ok(c, { count: counted?.count ?? 0 })
    },
  )
  .get(
    '/tenants/:tenant/journal/wait',
    operation({
      operationId: 'waitForJournal',
      key: 'tenant',
      summary: 'Answers once `count` requests match; with 408 if they do not within `timeout` seconds.',
      answer: Found,
      problems: [408],
    }),
    validate('param', TenantPath),
    validate('query', Wait),
    async (c) => ok(c, await wait(c.env, await idOf(c, c.req.valid('param').tenant), c.req.valid('query'))),
  )
  .put(
    '/tenants/:tenant/journal',
    operation({
      operationId: 'switchJournal',
      key: 'tenant',
      summary: 'Whether requests are written down, and with which of their headers.',
      answer: Recording,
    }),
    validate('param', TenantPath),
    validateStrictJson(WriteRecording),
    async (c) => {
      const { enabled, headers } = c.req.valid('json')
      const id = await idOf(c, c.req.valid('param').tenant)
      const chosen = headers && { headers: headers.map((name) => name.toLowerCase()) }
      const settings = () => ({ journal: enabled, ...chosen })
      const armed = await changeSettings(c.env, openPartition(c, id, 'current'), id, settings)
      return ok(c, { enabled, headers: armed.headers ?? [] })
    },
  )
  .delete(
    '/tenants/:tenant/journal',
    operation({ operationId: 'clearJournal', key: 'tenant', summary: 'Forgets what was written down.' }),
    validate('param', TenantPath),
    async (c) => {
      const partition = await idOf(c, c.req.valid('param').tenant)
      await openPartition(c, partition, 'current').all(clearEntries, { partition })
      return noContent(c)
    },
  )
