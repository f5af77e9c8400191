// The schema of a tenant's document: the form of seed files, and of dumps.
import * as z from 'zod/mini'
import { scopeName } from '../../auth/scope.schema.ts'
import { text } from '../../documents/seed-values.ts'
import { SECTION_SCHEMAS } from './sections.ts'

const ClientSeed = z.object({
  /** The token endpoint takes no longer ones, and no longer secrets. */
  id: z.optional(text(100).check(z.minLength(1))),
  /** A random one where it is left out. */
  secret: z.optional(text(100).check(z.minLength(8))),
  /** All that can be granted where they are left out. */
  scopes: z.optional(z.array(scopeName())),
})

export const TenantDocument = z.object({
  $schema: z.optional(z.string()),
  ...SECTION_SCHEMAS,
  /** OAuth clients of the tenant. Only hashes of their secrets are stored, so a dump has no clients. */
  clients: z.optional(z.array(ClientSeed).check(z.maxLength(100))),
})
export type TenantDocument = z.infer<typeof TenantDocument>
export type DocumentClient = z.infer<typeof ClientSeed>
