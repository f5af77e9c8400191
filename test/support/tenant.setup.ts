// Every test file starts with the documented tenant on a database of its own, and all that is answered in it is looked at.
import { env } from 'cloudflare:workers'
import { afterAll, afterEach, expect } from 'vitest'
import { plantDocumentedTenant } from '../../src/seed/documented.ts'
import { migrate } from './migrate.ts'
import { seen, undeclared, watch } from './recorder.ts'

await migrate(env.DB)
await plantDocumentedTenant(env)
watch()

afterEach(() => {
  expect(undeclared.splice(0)).toEqual([])
})

declare module 'vitest' {
  interface TaskMeta {
    /** Answers that were given in the file, as `Group_Delete 409`. */
    seen?: string[]
  }
}

// biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern which fixtures are asked for.
afterAll(({}, { file }) => {
  file.meta.seen = [...seen]
})
