// Opens the database for a request.
import type { MiddlewareHandler } from 'hono'
import { Database } from './database.ts'

/** What every room's handlers can rely on. */
export interface AppEnv {
  Bindings: Cloudflare.Env
  Variables: { database: Database }
}

export const openDatabase: MiddlewareHandler<AppEnv> = (c, next) => {
  c.set('database', new Database(c.env.DB))
  return next()
}
