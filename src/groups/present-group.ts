// A group as it looks on the wire.
import { type MemberRow, presentMember } from '../directory/member.ts'
import type { GroupRow } from './group.queries.ts'
import { GROUP_TYPE, type Group } from './group.schema.ts'

export function presentGroup(row: GroupRow, members: readonly MemberRow[]): Group {
  const { id, name, creationTime, lastModificationTime } = row
  const type = row.type === GROUP_TYPE.builtIn ? GROUP_TYPE.builtIn : GROUP_TYPE.custom
  return { id, name, displayName: name, type, creationTime, lastModificationTime, members: members.map(presentMember) }
}
