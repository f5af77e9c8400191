// The tenant as its own token issuer.
import { BASE_PATH, originOf } from '../http/path.ts'
/** The issuer of the tenant a request came to. Real server: host level, never with the organization. */
export function issuerOf(c: { env: Cloudflare.Env; req: { url: string } }): string {
  return c.env.ISSUER ?? `${originOf(c.req.url)}${BASE_PATH}`
}
