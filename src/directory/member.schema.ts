// A member of a group on the wire: a directory entity, told apart by `objectType`.
import * as z from 'zod/mini'

const base = {
  displayName: z.string(),
  source: z.string(),
  identifier: z.string(),
  name: z.string(),
  email: z.string(),
}

export const DirectoryUser = z.object({
  objectType: z.literal('DirectoryUser'),
  firstName: z.nullable(z.string()),
  lastName: z.nullable(z.string()),
  jobTitle: z.nullable(z.string()),
  companyName: z.nullable(z.string()),
  city: z.nullable(z.string()),
  department: z.nullable(z.string()),
  ...base,
})
export type DirectoryUser = z.infer<typeof DirectoryUser>
export const DirectoryRobotUser = z.object({ objectType: z.literal('DirectoryRobotUser'), ...base })
export const DirectoryApplication = z.object({
  objectType: z.literal('DirectoryApplication'),
  applicationId: z.nullable(z.string()),
  ...base,
})

export const Member = z.discriminatedUnion('objectType', [DirectoryUser, DirectoryRobotUser, DirectoryApplication])
export type Member = z.infer<typeof Member>
