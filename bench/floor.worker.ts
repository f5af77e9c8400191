// The least that answers the two calls on settings from D1: the tenant's own statements, no token, no validation.
import { Hono } from 'hono'
import { bind } from '../src/database/bound.ts'
import type { Statement, Value } from '../src/database/statement.ts'
import { selectOwn, upsertOwn } from '../src/settings/setting.queries.ts'

interface Update {
  partitionGlobalId: string
  settings: { key: string; value: string }[]
}

interface FloorEnv {
  DB: D1Database
  /** Whether it asks D1 in a session, as a deployment does: its answers carry bookmarks. */
  SESSION?: string
}

function ask<Values extends Record<keyof Values, Value>>(
  { DB, SESSION }: FloorEnv,
  statement: Statement<Values, unknown>,
  values: Values,
) {
  const bound = bind(statement, values)
  return (SESSION ? DB.withSession('first-primary') : DB)
    .prepare(bound.sql)
    .bind(...bound.values)
    .all()
}

export default new Hono<{ Bindings: FloorEnv }>()
  .get('/Setting', async (c) => {
    const partition = c.req.query('partitionGlobalId') ?? ''
    const keys = JSON.stringify(c.req.queries('key'))
    const { results } = await ask(c.env, selectOwn, { partition, keys })
    return c.json(results)
  })
  .put('/Setting', async (c) => {
    const { partitionGlobalId: partition, settings } = await c.req.json<Update>()
    const pairs = JSON.stringify(settings.map(({ key, value }) => [key, value]))
    const { results } = await ask(c.env, upsertOwn, { partition, settings: pairs })
    return c.json(results)
  })
