// The issuer of the tokens that this deployment signs and accepts.
import { BASE_PATH, originOf } from '../http/path.ts'

/** ISSUER, or else the origin that the request came to. Real server: at host level, never with the organization. */
export function issuerOf(c: { env: Cloudflare.Env; req: { url: string } }): string {
  return c.env.ISSUER ?? `${originOf(c.req.url)}${BASE_PATH}`
}
