// Entities and groups of the directory as they look on the wire.
import { foldId } from '../http/identifier.ts'
import type { DirectoryGroupRow, Resolved } from './directory.queries.ts'
import {
  type DirectoryEntity,
  type DirectoryEntityInfo,
  type DirectoryGroup,
  ENTITY_TYPE,
  type ResolvedUser,
} from './directory.schema.ts'
import type { DirectoryUser } from './member.schema.ts'
import { presentMember, USER_TYPE } from './member.ts'
import type { FoundRow } from './search-directory.queries.ts'

/** Real server: this shape and order of keys (observed). */
export const presentDirectoryGroup = ({ id, name }: DirectoryGroupRow): DirectoryGroup => ({
  objectType: 'DirectoryGroup',
  externalId: null,
  source: 'local',
  identifier: id,
  name,
  email: null,
  displayName: name,
})

export function presentEntity(found: Resolved): DirectoryEntity {
  if ('group' in found) return presentDirectoryGroup(found.group)
  const member = presentMember(found.entity)
  return member.objectType === 'DirectoryUser' ? resolvedUser(member, found.entity.isActive ?? true) : member
}

function resolvedUser(user: DirectoryUser, isActive: boolean): ResolvedUser {
  const { objectType, source, identifier, name, email, displayName, ...person } = user
  return { objectType, source, identifier, name, email, displayName, ...person, isActive }
}

/** Assumed: what is local has no domain. */
export function presentInfo({ source, id, name, displayName, email, type }: FoundRow): DirectoryEntityInfo {
  return { source, identifier: id, identityName: name, displayName, email, domain: null, ...kindOf(type) }
}

function kindOf(type: number | null): Pick<DirectoryEntityInfo, 'type' | 'objectType'> {
  if (type === null) return { type: ENTITY_TYPE.group, objectType: 'DirectoryGroup' }
  if (type === USER_TYPE.robotAccount) return { type: ENTITY_TYPE.user, objectType: 'DirectoryRobotUser' }
  if (type === USER_TYPE.application) return { type: ENTITY_TYPE.application, objectType: 'DirectoryApplication' }
  return { type: ENTITY_TYPE.user, objectType: 'DirectoryUser' }
}

/**
 * The best match of each name or id, as the text of a JSON object. It is written by hand: a JavaScript object would put names
 * that look like numbers first.
 */
export function presentBy(names: readonly string[], found: readonly Resolved[]): string {
  const best = new Map(found.toReversed().map((entity) => [foldId(entity.asked), entity]))
  const properties = [...new Set(names)].map((name) => {
    const entity = best.get(foldId(name))
    return `${JSON.stringify(name)}:${JSON.stringify(entity ? presentEntity(entity) : null)}`
  })
  return `{${properties.join(',')}}`
}
