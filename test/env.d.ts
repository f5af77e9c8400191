// Bindings that only tests have.
declare namespace Cloudflare {
  interface Env {
    MIGRATIONS?: import('@cloudflare/vitest-plugin').D1Migration[]
  }
  interface GlobalProps {
    mainModule: typeof import('../src/index.ts')
  }
}
