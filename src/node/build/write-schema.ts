// Part of `npm run generate`: writes the JSON Schema of seed documents, with which editors complete and check them. One copy
// lies beside the seeds, and one is served.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../config/config.ts'
import { seedSchema } from './seed-schema.ts'

export const schemaText = `${JSON.stringify(seedSchema(), null, 2)}\n`
export const schemaPaths = ['src/seed/tenant.schema.json', 'assets/seed.schema.json'].map((path) =>
  join(projectRoot, path),
)

if (import.meta.main) for (const path of schemaPaths) writeFileSync(path, schemaText)
