// A directory entity as a member of a group: what to select of it, and how the row looks on the wire.
import { sql } from 'drizzle-orm'
import { directoryEntities } from './directory.table.ts'
import type { Member } from './member.schema.ts'

/** A UserType of the wire, as far as entities have one. */
export const USER_TYPE = { user: 0, robotAccount: 4, application: 5 } as const

/** What a member of a group is shown with. */
export const MEMBER_COLUMNS = [
  'id',
  'type',
  'source',
  'name',
  'email',
  'displayName',
  'firstName',
  'lastName',
  'jobTitle',
  'companyName',
  'city',
  'department',
  'applicationId',
] as const

export type MemberRow = Pick<typeof directoryEntities.$inferSelect, (typeof MEMBER_COLUMNS)[number]>

/** The columns of a {@link MemberRow}, for a select. */
export function memberColumns() {
  const columns = MEMBER_COLUMNS.map((name) => sql`${directoryEntities[name]} as ${sql.identifier(name)}`)
  return sql.join(columns, sql`, `)
}

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
