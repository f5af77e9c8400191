// Part of `npm run generate`: writes the JSON Schema of seed documents, with which editors complete and check them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seedSchema } from '../../control/states/seed-schema.ts'

export const schemaText = `${JSON.stringify(seedSchema(), null, 2)}\n`
export const schemaPath = join(import.meta.dirname, '../../seed/tenant.schema.json')

if (import.meta.main) writeFileSync(schemaPath, schemaText)
