// The tenant as its own token issuer.
/** The issuer of the tenant a request came to. Real server: host level, never with the organization. */
export function issuerOf(c: { env: Cloudflare.Env; req: { url: string } }): string {
  return c.env.ISSUER ?? `${new URL(c.req.url).origin}/identity_`
}
