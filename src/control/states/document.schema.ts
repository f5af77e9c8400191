// A whole tenant as a document: what a seed is written as, and what a dump answers with.
import * as z from 'zod/mini'
import { scopeName } from '../../auth/scope.schema.ts'
import { optionalId, text } from '../../documents/seed-values.ts'
import { SECTION_SCHEMAS } from './sections.ts'

const ClientSeed = z.object({
  id: optionalId,
  /** Made up where it is left out. */
  secret: z.optional(text().check(z.minLength(8))),
  /** All that there are where they are left out. */
  scopes: z.optional(z.array(scopeName())),
})

export const TenantDocument = z.object({
  $schema: z.optional(z.string()),
  ...SECTION_SCHEMAS,
  /** OAuth clients of the tenant. Their secrets are not kept, so a dump has none. */
  clients: z.optional(z.array(ClientSeed).check(z.maxLength(100))),
})
export type TenantDocument = z.infer<typeof TenantDocument>
export type DocumentClient = z.infer<typeof ClientSeed>
