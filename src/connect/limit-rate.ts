// How often tokens may be asked for: by an address before anything is read, by a client id before the database is asked.
import type { Context } from 'hono'

/** In seconds, as wrangler.toml has it. */
export const RATE_PERIOD = 60

/** Thrown for a request beyond the limit: 429. */
export class TooManyRequests extends Error {}

type Limited = Pick<Context<{ Bindings: Cloudflare.Env }>, 'env' | 'req'>

/**
 * Counts a request of the caller's address, as Cloudflare tells it. Nothing is counted where that or the binding is missing.
 * @throws TooManyRequests
 */
export async function limitAddress({ env, req }: Limited) {
  const address = req.header('CF-Connecting-IP')
  if (address !== undefined) await limit(env, env.TOKENS_BY_ADDRESS, address)
}

/**
 * Counts a request that names `client`, whether or not it turns out to be that client's.
 * @throws TooManyRequests
 */
export const limitClient = ({ env }: Limited, client: string | undefined) =>
  client === undefined ? undefined : limit(env, env.TOKENS_BY_CLIENT, client.slice(0, 200))

async function limit({ EMBEDDED }: Cloudflare.Env, limiter: RateLimit | undefined, key: string) {
  if (EMBEDDED || !limiter) return
  // Fails open: otherwise an outage of the counter would refuse every caller.
  const { success } = await limiter.limit({ key }).catch(() => ({ success: true }))
  if (!success) throw new TooManyRequests()
}
