// From a document to the sections a tenant is planted from, and back.
import { USER_TYPE } from '../directory/member.ts'
import { GROUP_TYPE } from '../groups/group.schema.ts'
import { builtInGroups } from '../groups/group.seed.ts'
import { foldId } from '../http/identifier.ts'
import { normalizePasswordComplexity, PASSWORD_COMPLEXITY } from '../settings/password-complexity.ts'
import type { DocumentUser, TenantDocument } from './document.schema.ts'
import { ControlProblem } from './problem.ts'

/** The sections of a tenant, in the order in which they are planted. Their entries are what `sections.ts` selects. */
export const SECTIONS = ['directory', 'groups', 'members', 'settings', 'formerUsers'] as const
export type Section = (typeof SECTIONS)[number]

/** An account of any kind, its type as on the wire. */
export interface DirectoryEntry {
  id: string
  type: number
  name: string
  displayName: string
  firstName?: string | null
  lastName?: string | null
  [column: string]: unknown
}

interface GroupEntry {
  id: string
  name: string
  type: number
  creationTime: string
  lastModificationTime: string | null
}

interface SettingEntry {
  id: number | null
  key: string
  value: string | null
  user: string | null
}

export interface Sections {
  directory: readonly DirectoryEntry[]
  groups: readonly GroupEntry[]
  /** Pairs of a group's and a member's id. */
  members: readonly (readonly [string, string])[]
  settings: readonly SettingEntry[]
  formerUsers: readonly (readonly [string])[]
}

/**
 * @param now for what has no time of its own
 * @throws ControlProblem 422 where the document names what it does not have
 */
export function sectionsOf(document: TenantDocument, now: string): Sections {
  const directory = directoryOf(document, now)
  const named = new Map<string, string>()
  for (const { id, name } of directory) if (!named.has(foldId(name))) named.set(foldId(name), id)
  for (const { id } of directory) named.set(foldId(id), id)
  const account = (place: string, nameOrId: string) => {
    const id = named.get(foldId(nameOrId))
    if (id === undefined) throw new ControlProblem(422, `${place}: there is no account ${JSON.stringify(nameOrId)}.`)
    return id
  }
  const groups = groupsOf(document, now)
  const members = (document.groups ?? []).flatMap((group, index) => {
    const id = groups[groups.length - (document.groups ?? []).length + index]?.id ?? ''
    return (group.members ?? []).map((member) => [id, account(`groups[${index}].members`, member)] as const)
  })
  const settings = (document.settings ?? []).map(({ id = null, key, value = null, user }, index): SettingEntry => {
    const rule = key === PASSWORD_COMPLEXITY ? (normalizePasswordComplexity(value) ?? value) : value
    return { id, key, value: rule, user: user ? account(`settings[${index}].user`, user) : null }
  })
  return { directory, groups, members, settings, formerUsers: (document.formerUsers ?? []).map((id) => [id] as const) }
}

function directoryOf({ users = [], robotAccounts = [], applications = [] }: TenantDocument, now: string) {
  const all = [
    ...users.map((user) => ({ ...userEntry(user, now), order: user.order })),
    ...robotAccounts.map((robot) => ({ ...robot, ...other(robot, USER_TYPE.robotAccount, now) })),
    ...applications.map((application) => ({ ...application, ...other(application, USER_TYPE.application, now) })),
  ]
  return all
    .sort((one, another) => (one.order ?? Infinity) - (another.order ?? Infinity) || 0)
    .map(({ order, ...entry }): DirectoryEntry => entry)
}

function userEntry(user: DocumentUser, now: string): DirectoryEntry {
  const { userName, name = null, surname = null, displayName, order, id, ...rest } = user
  return {
    ...rest,
    id: id ?? crypto.randomUUID(),
    type: USER_TYPE.user,
    name: userName,
    firstName: name,
    lastName: surname,
    displayName: displayName ?? ([name, surname].filter(Boolean).join(' ') || userName),
    creationTime: user.creationTime ?? now,
  }
}

const other = (
  account: { id?: string | undefined; name: string; displayName?: string | null | undefined; creationTime?: unknown },
  type: number,
  now: string,
) => ({
  id: account.id ?? crypto.randomUUID(),
  type,
  displayName: account.displayName ?? account.name,
  creationTime: account.creationTime ?? now,
})

/** Those built-in groups the document does not have, and its own in its order. */
function groupsOf({ groups = [] }: TenantDocument, now: string): GroupEntry[] {
  const given = groups.map((group): GroupEntry => {
    const { id, name, type = GROUP_TYPE.custom, creationTime, lastModificationTime = null } = group
    const builtIn = builtInGroups(now).find((one) => foldId(one.name) === foldId(name))
    if (builtIn && id === undefined) return { ...builtIn, creationTime: creationTime ?? now }
    return { id: id ?? crypto.randomUUID(), name, type, creationTime: creationTime ?? now, lastModificationTime }
  })
  const known = new Set(given.flatMap(({ id, name }) => [foldId(id), foldId(name)]))
  const missing = builtInGroups(now).filter(({ id, name }) => !known.has(foldId(id)) && !known.has(foldId(name)))
  return [...missing.map(({ members, ...group }) => group), ...given]
}

/** The document that plants these sections again. */
export function documentOf(sections: Sections): TenantDocument {
  const members = Map.groupBy(sections.members, ([group]) => group)
  const ordered = sections.directory.map((entry, order): DirectoryEntry & { order: number } => ({ ...entry, order }))
  const ofType = (type: number) => ordered.filter((entry) => entry.type === type)
  return {
    users: ofType(USER_TYPE.user).map(({ type, name, firstName, lastName, ...user }) => ({
      ...user,
      userName: name,
      name: firstName ?? null,
      surname: lastName ?? null,
    })),
    robotAccounts: ofType(USER_TYPE.robotAccount).map(({ type, ...robot }) => robot),
    applications: ofType(USER_TYPE.application).map(({ type, ...application }) => application),
    groups: sections.groups.map((group) => ({
      ...group,
      type: group.type === GROUP_TYPE.builtIn ? GROUP_TYPE.builtIn : GROUP_TYPE.custom,
      members: (members.get(group.id) ?? []).map(([, member]) => member),
    })),
    settings: sections.settings.map(({ id, ...setting }) => ({ ...(id !== null && { id }), ...setting })),
    formerUsers: sections.formerUsers.map(([id]) => id),
  }
}

/** The tenant one gets without asking for another: two administrators, and a user to change. */
export const DEFAULT_DOCUMENT: TenantDocument = {
  users: [
    { userName: 'ada', email: 'ada@tenant.example', name: 'Ada', surname: 'Admin' },
    { userName: 'ben', email: 'ben@tenant.example', name: 'Ben', surname: 'Admin' },
    { userName: 'uma', email: 'uma@tenant.example', name: 'Uma', surname: 'User' },
  ],
  groups: [{ name: 'Administrators', members: ['ada', 'ben'] }],
}
