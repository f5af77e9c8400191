// What accounts of every kind may have in a tenant's document. An id and times that are left out are generated; the
// rest is empty.
import * as z from 'zod/mini'
import { optionalId, optionalInstant, optionalText } from '../documents/seed-values.ts'

/** The directory's columns of an account, except its names. All kinds have the same, though some use only a few. */
export const account = {
  id: optionalId,
  displayName: optionalText,
  source: optionalText,
  email: optionalText,
  jobTitle: optionalText,
  companyName: optionalText,
  city: optionalText,
  department: optionalText,
  applicationId: optionalText,
  creationTime: optionalInstant,
  lastModificationTime: optionalInstant,
  lastLoginTime: optionalInstant,
  /** Where the account stands among all of the directory. Those without come last. */
  order: z.optional(z.int()),
}
