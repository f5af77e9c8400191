// An insert into a Durable Object, and nothing around it: no router, no token, no D1.
import { DurableObject } from 'cloudflare:workers'

export class Rows extends DurableObject {
  constructor(context, env) {
    super(context, env)
    this.sql = context.storage.sql
    this.sql.exec('create table if not exists floor (id text, key text, value text, primary key (id, key))')
  }

  write({ id, key, value }) {
    this.sql.exec('insert or replace into floor values (?, ?, ?)', id, key, value)
  }
}

export default {
  async fetch(request, { ROWS }) {
    if (request.method === 'PUT') await ROWS.getByName('rows').write(await request.json())
    return new Response()
  },
}
