// Bindings that only tests have.
declare namespace Cloudflare {
  interface Env {
    MIGRATIONS?: import('@cloudflare/vitest-plugin').D1Migration[]
    REPLICA_1?: D1Database
    REPLICA_2?: D1Database
    SECOND?: D1Database
    /** How long the fuzz test takes, over all operations. */
    FUZZ_SECONDS?: string
  }
  interface GlobalProps {
    mainModule: typeof import('../src/index.ts')
  }
}
