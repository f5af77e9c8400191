// Secrets and variables a deployment may set beside the bindings in wrangler.toml.
declare namespace Cloudflare {
  interface Env {
    /** RSA private key that signs tokens, as PKCS#8 PEM or as a JWK. Without it a key is made on first use and kept in D1. */
    SIGNING_KEY?: string
    /** The issuer tokens carry. Without it: the origin of the request, then `/identity_`. */
    ISSUER?: string
    /** Set where this Worker's only isolate is the only one to write to its databases, and nowhere else: reads are cached. */
    EMBEDDED?: string
    /** The credential of the tests' own plane, `/_control`. Without it there is no such plane. */
    CONTROL_TOKEN?: string
  }
}
