// The issuer of the tokens that this deployment signs and accepts.
import { answersToHost, isLocalRun } from '../http/local-run.ts'
import { BASE_PATH, originOf } from '../http/path.ts'

/** ISSUER, or else the origin that the request came to. Real server: at host level, never with the organization. */
export function issuerOf(c: { env: Cloudflare.Env; req: { url: string } }): string {
  return c.env.ISSUER ?? issuerAt(originOf(c.req.url))
}

const issuerAt = (origin: string) => `${origin}${BASE_PATH}`

/**
 * Whether `claimed` is `issuer` under another of its names. A local run is reached at 127.0.0.1, localhost, [::1] and the
 * hosts of ALLOWED_HOSTS, at another port as well where a container's is mapped: a token that was got at one of them
 * holds at all. The signing key tells the server from others. A deployment, and who sets ISSUER, has one name.
 */
export const isIssuer = (env: Cloudflare.Env, issuer: string, claimed: unknown): claimed is string =>
  claimed === issuer ||
  (typeof claimed === 'string' &&
    isLocalRun(env) &&
    env.ISSUER === undefined &&
    claimed === issuerAt(originOf(claimed)) &&
    answersToHost(claimed, env))
