// The journal of a tenant, which lists the requests that were made of it: read, counted, waited for, switched and cleared.
import { eq } from 'drizzle-orm'
import { type Context, Hono } from 'hono'
import * as z from 'zod/mini'
import { deleteFrom } from '../../database/query-builder.ts'
import { openPartition } from '../../database/session.ts'
import { type Slots, statement } from '../../database/statement.ts'
import { noContent, ok, okText } from '../../http/ok.ts'
import { validate, validateStrictJson } from '../../http/validate.ts'
import type { ControlEnv } from '../access/call.ts'
import { journal } from '../control.table.ts'
import { changeSettings } from '../effects/armed.ts'
import { isSecretHeader } from '../effects/journal.ts'
import { operation } from './operation.ts'
import { countJournal, JournalFilter, JournalWait, readJournal, waitForJournal } from './read-journal.ts'
import { requestedTenant, TenantPath } from './tenant-path.ts'

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

const clearEntries = statement(
  (v: Slots<{ partition: string }>) => deleteFrom(journal).where(eq(journal.partitionId, v.partition)),
  { touches: 'partition' },
)

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
    validate('query', JournalFilter),
    async (c) => {
      const { limit, ...wanted } = c.req.valid('query')
      return okText(c, await readJournal(c.env, await idOf(c, c.req.valid('param').tenant), wanted, limit))
    },
  )
  .get(
    '/tenants/:tenant/journal/count',
    operation({ operationId: 'countJournal', key: 'tenant', summary: 'How many requests match.', answer: Count }),
    validate('param', TenantPath),
    validate('query', JournalFilter),
    async (c) => {
      const partition = await idOf(c, c.req.valid('param').tenant)
      return ok(c, { count: await countJournal(c.env, partition, c.req.valid('query')) })
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
    validate('query', JournalWait),
    async (c) =>
      okText(c, await waitForJournal(c.env, await idOf(c, c.req.valid('param').tenant), c.req.valid('query'))),
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
