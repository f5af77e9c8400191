// The tenant as its own token issuer.
/** The issuer of the tenant a request came to. Real server: host level, never with the organization. */
export function issuerOf(c: { env: Cloudflare.Env; req: { url: string } }): string {
  return c.env.ISSUER ?? `${originOf(c.req.url)}/identity_`
}

/** The origin of a request's URL, which always has a path; without parsing it, as every request asks. */
const originOf = (url: string) => url.slice(0, url.indexOf('/', 'https://'.length))
