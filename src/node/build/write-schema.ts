// Writes the JSON Schema of a seed beside the seeds, for editors to complete them by.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seedSchema } from '../../control/states/seed-schema.ts'

export const schemaText = `${JSON.stringify(seedSchema(), null, 2)}\n`
export const schemaPath = join(import.meta.dirname, '../../seed/tenant.schema.json')

if (import.meta.main) writeFileSync(schemaPath, schemaText)
