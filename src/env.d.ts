// Secrets and variables a deployment may set beside the bindings in wrangler.toml.
declare namespace Cloudflare {
  /** A local run takes them from its environment (src/node/config/variables.ts). */
  interface Variables {
    /** RSA private key that signs tokens, as PKCS#8 PEM or as a JWK. Without it a key is made on first use and kept in D1. */
    SIGNING_KEY?: string
    /** Seals the secrets among what is stored: 32 random bytes, base64url. */
    ENCRYPTION_KEY?: string
    /** Former, or coming, encryption keys: what is sealed under them is still read. With commas between. */
    ENCRYPTION_KEYS_OLD?: string
    /** The issuer tokens carry. Without it: the origin of the request, then `/identity_`. */
    ISSUER?: string
    /** The credential of `/_control`: of tests, and of the operator who re-seals and rotates. Without it there is no such plane. */
    CONTROL_TOKEN?: string
    /** How long a round trip to D1 may take before the request is answered 503, in milliseconds. Without it: 10,000. */
    D1_DEADLINE_MS?: string
    /** Origins whose scripts may call, with commas between them. Without it: `*`, any; in local runs loopback. Empty: none. */
    CORS_ORIGINS?: string
    /** Host names a local run answers to beside loopback, with commas between them. Without it: none. Deployments ignore it. */
    ALLOWED_HOSTS?: string
    /** `json`: one line a request in the log; `off`: none. Without it: `json` unless EMBEDDED. */
    LOG?: string
  }
  interface Env extends Variables {
    /** Set in local runs and nowhere else: secrets that everybody knows may be used. `EMBEDDED` means it too. */
    LOCAL?: string
    /** Set where this Worker's only isolate is the only one to write to its databases, and nowhere else: reads are cached. */
    EMBEDDED?: string
    /** Set while a local start makes the database ready: requests wait until one carries it (embedded/start.ts). */
    START_TOKEN?: string
    /** Counts requests, where a deployment binds a dataset. */
    ANALYTICS?: AnalyticsEngineDataset
  }
}
