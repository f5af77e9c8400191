// Every test file starts with the documented tenant on a database of its own, and all that is answered in it is looked at.
import { env } from 'cloudflare:workers'
import { afterAll, afterEach, expect } from 'vitest'
import { resetIsolate } from '../../src/http/isolate-memory.ts'
import { plantDocumentedTenant } from '../../src/seed/documented.ts'
import { empty, migrate } from './migrate.ts'
import { seen, undeclared, watch } from './recorder.ts'
import { keepSigningKey, plantAgain, plantSigningKey } from './shared-isolate.ts'

// The files of a worker share its isolate.
resetIsolate()
for (const database of [env.DB, env.SECOND, env.REPLICA_1, env.REPLICA_2]) if (database) await empty(database)
await migrate(env.DB)
await plantSigningKey()
await plantDocumentedTenant(env)
await keepSigningKey()
await plantAgain()
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
