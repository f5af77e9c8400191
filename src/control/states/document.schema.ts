// The schema of a tenant's document: the form of seed files, and of dumps.
import * as z from 'zod/mini'
import { scopeName } from '../../auth/scope.schema.ts'
import { CLIENT_GRANT_TYPES, RedirectUri } from '../../connect/client.schema.ts'
import { text } from '../../documents/seed-values.ts'
import { oneOf } from '../../http/one-of.ts'
import { SECTION_SCHEMAS } from './sections.ts'

/** What a client is registered with, and may be changed to. */
export const CLIENT_PROPERTIES = {
  /** What it is called on the sign-in page; its id where it is left out. */
  name: z.optional(text(100)),
  /** All that can be granted where they are left out. */
  scopes: z.optional(z.array(scopeName())),
  /** Where its users may be sent back to after they have signed in. Compared exactly. */
  redirectUris: z.optional(z.array(RedirectUri).check(z.maxLength(50))),
  /** Left out: `client_credentials` unless it is public, and `authorization_code` if it has redirect addresses. */
  grantTypes: z.optional(z.array(oneOf('grant type', CLIENT_GRANT_TYPES))),
  /** Whether authorization requests need PKCE, as those of a public client always do. */
  requirePkce: z.optional(z.boolean()),
}

export const NOT_FOR_PUBLIC = 'A public client cannot have client_credentials.'

export const DocumentClient = z
  .object({
    /** The token endpoint takes no longer ones, and no longer secrets. */
    id: z.optional(text(100).check(z.minLength(1))),
    /** A random one where it is left out. */
    secret: z.optional(text(100).check(z.minLength(8))),
    /** Whether it is one that cannot keep a secret: it has none, and proves with PKCE that a code is its own. */
    public: z.optional(z.boolean()),
    ...CLIENT_PROPERTIES,
  })
  .check(
    z.refine((client) => !(client.public && client.secret !== undefined), 'A public client has no secret.'),
    z.refine((client) => !(client.public && client.grantTypes?.includes('client_credentials')), NOT_FOR_PUBLIC),
  )

export const TenantDocument = z.object({
  $schema: z.optional(z.string()),
  ...SECTION_SCHEMAS,
  /** OAuth clients of the tenant. Only hashes of their secrets are stored, so a dump has no clients. */
  clients: z.optional(z.array(DocumentClient).check(z.maxLength(100))),
})
export type TenantDocument = z.infer<typeof TenantDocument>
export type DocumentClient = z.infer<typeof DocumentClient>
