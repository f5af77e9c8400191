// A whole tenant as a document: what a seed is written as, and what a dump answers with.
import * as z from 'zod/mini'
import { scopeName } from '../../auth/scope.schema.ts'
import { directorySection } from '../../directory/directory.section.ts'
import { text } from '../../documents/seed-values.ts'
import { groupSection } from '../../groups/group.section.ts'
import { settingSection } from '../../settings/setting.section.ts'
import { formerUserSection } from '../../users/user.section.ts'

const ClientSeed = z.object({
  /** Longer ones, and longer secrets, are not taken by the token endpoint. */
  id: z.optional(text(100).check(z.minLength(1))),
  /** Made up where it is left out. */
  secret: z.optional(text(100).check(z.minLength(8))),
  /** All that there are where they are left out. */
  scopes: z.optional(z.array(scopeName())),
})

export const TenantDocument = z.object({
  $schema: z.optional(z.string()),
  ...directorySection.schema,
  ...groupSection.schema,
  ...settingSection.schema,
  /** OAuth clients of the tenant. Their secrets are not kept, so a dump has none. */
  clients: z.optional(z.array(ClientSeed).check(z.maxLength(100))),
  ...formerUserSection.schema,
})
export type TenantDocument = z.infer<typeof TenantDocument>
export type DocumentClient = z.infer<typeof ClientSeed>
