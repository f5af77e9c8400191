// What accounts of every kind may have in a tenant's document. What is left out is made up or empty.
import * as z from 'zod/mini'
import { optionalId, optionalInstant, optionalText } from '../documents/seed-values.ts'

/** All that the directory keeps of an account but its names, whether or not its kind has a use for it. */
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
