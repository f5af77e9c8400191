// A directory entity as a member of a group: what to select of it, and how the row looks on the wire.
import { directoryEntities } from './directory.table.ts'
import type { Member } from './member.schema.ts'

/** A UserType of the wire, as far as entities have one. */
export const USER_TYPE = { user: 0, robotAccount: 4, application: 5 } as const

/** What to select for a {@link MemberRow}. */
export const memberFields = {
  id: directoryEntities.id,
  type: directoryEntities.type,
  source: directoryEntities.source,
  name: directoryEntities.name,
  email: directoryEntities.email,
  displayName: directoryEntities.displayName,
  firstName: directoryEntities.firstName,
  lastName: directoryEntities.lastName,
  jobTitle: directoryEntities.jobTitle,
  companyName: directoryEntities.companyName,
  city: directoryEntities.city,
  department: directoryEntities.department,
  applicationId: directoryEntities.applicationId,
}

export type MemberRow = Pick<typeof directoryEntities.$inferSelect, keyof typeof memberFields>

/** Real server: key order as documented for users; the other kinds keep it as far as they share it. */
export function presentMember(row: MemberRow): Member {
  const { displayName, source, id: identifier, name, email } = row
  const base = { displayName, source, identifier, name, email }
  if (row.type === USER_TYPE.robotAccount) return { objectType: 'DirectoryRobotUser', ...base }
  if (row.type === USER_TYPE.application) {
    return { objectType: 'DirectoryApplication', applicationId: row.applicationId, ...base }
  }
  const { firstName, lastName, jobTitle, companyName, city, department } = row
  return { objectType: 'DirectoryUser', firstName, lastName, jobTitle, companyName, city, department, ...base }
}
