// How often tokens may be asked for: by an address before anything is read, by it and a client id before the database is
// asked. And how often wrong control tokens may be tried.
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
  const address = addressOf(req)
  if (address !== undefined) await limit(env, env.TOKENS_BY_ADDRESS, address)
}

/** The most characters of a client id in a key: Cloudflare takes keys of 512 bytes. */
const MAX_CLIENT = 200

/**
 * Counts a request of the caller's address that names `client`, whether or not it turns out to be that client's. Of each
 * address singly: otherwise anybody could lock a client out of its tokens by sending wrong secrets in its name.
 * @throws TooManyRequests
 */
export const limitClient = ({ env, req }: Limited, client: string | undefined) =>
  client === undefined
    ? undefined
    : limit(env, env.TOKENS_BY_CLIENT, `${addressOf(req) ?? ''} ${client.slice(0, MAX_CLIENT)}`)

/**
 * Counts a wrong control token of the caller's address; the right one is never counted, nor refused.
 * @throws TooManyRequests
 */
export async function limitWrongToken({ env, req }: Limited) {
  const address = addressOf(req)
  if (address !== undefined) await limit(env, env.TOKENS_BY_ADDRESS, `control ${address}`)
}

const addressOf = (req: Limited['req']) => req.header('CF-Connecting-IP')

async function limit({ EMBEDDED }: Cloudflare.Env, limiter: RateLimit | undefined, key: string) {
  if (EMBEDDED || !limiter) return
  // Fails open: otherwise an outage of the counter would refuse every caller.
  const { success } = await limiter.limit({ key }).catch(() => ({ success: true }))
  if (!success) throw new TooManyRequests()
}
