// The least that answers the two calls on settings from D1: one statement each, no token, no validation.
import { Hono } from 'hono'

const SELECT = `
  select id, key, value, partition_id as "partitionGlobalId", null as "userId" from settings
  where partition_id = ? and owner = 0 and key in (select value from json_each(?)) order by id`

const UPSERT = `
  insert into settings (partition_id, key, value)
  select ?, value ->> 'key', value ->> 'value' from json_each(?) where true
  on conflict (partition_id, owner, key) do update set value = excluded.value
  returning id, key, value, partition_id as "partitionGlobalId", null as "userId"`

interface Update {
  partitionGlobalId: string
  settings: { key: string; value: string }[]
}

export default new Hono<{ Bindings: Cloudflare.Env }>()
  .get('/Setting', async (c) => {
    const keys = JSON.stringify(c.req.queries('key'))
    const { results } = await c.env.DB.prepare(SELECT).bind(c.req.query('partitionGlobalId'), keys).all()
    return c.json(results)
  })
  .put('/Setting', async (c) => {
    const { partitionGlobalId, settings } = await c.req.json<Update>()
    const { results } = await c.env.DB.prepare(UPSERT).bind(partitionGlobalId, JSON.stringify(settings)).all()
    return c.json(results)
  })
