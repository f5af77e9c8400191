// The part that the paths of nearly all operations of the control plane begin with.
import * as z from 'zod/mini'

/** `tenant` is the id of a tenant or its name. */
export const TenantPath = z.object({ tenant: z.string().check(z.minLength(1), z.maxLength(256)) })
