// What a tenant has to be, in plain lists: accounts, groups and their members, settings. It knows no HTTP and no database.
import { isGuid, sameId } from '../../src/http/identifier.ts'

export const NOWHERE = 'f0000000-0000-4000-8000-00000000ffff'
export const EVERYONE = 'ce684f6f-5af3-4e43-8516-1adad6e98fc9'
export const ADMINISTRATORS = '35551807-06b1-4cda-90a1-2fb84851eee7'

/** What a call may be answered with, as far as it matters: texts and times are only there or not. */
export interface Answer {
  status: number
  body: unknown
}

export const done: Answer = { status: 204, body: null }
export const forbidden: Answer = { status: 403, body: { errorMessage: 'text' } }
export const conflict: Answer = { status: 409, body: { errorMessage: 'text' } }
export const emptyConflict: Answer = { status: 409, body: null }
export const missing: Answer = { status: 404, body: { problem: [] } }
export const invalid = (...fields: string[]): Answer => ({ status: 400, body: { problem: fields.sort() } })
export const unknownId = (field: string, id: string) => (isGuid(id) ? missing : invalid(field))
export const result = (codes: readonly string[]) => ({
  succeeded: codes.length === 0,
  codes: [...new Set(codes)].sort(),
})

export interface Account {
  id: string
  type: 0 | 4
  name: string
  displayName: string
  email: string
  confirmed: boolean
  first: string | null
  last: string | null
  changed: boolean
  active: boolean
  bypass: boolean
  invited: boolean
}

export interface Group {
  id: string
  name: string
  type: 0 | 1
  changed: boolean
  members: Set<Account>
}

export interface Setting {
  id: number
  key: string
  value: string | null
  owner: Account | undefined
}

/** A user as a client wants it to be. */
export interface Wish {
  id?: string | undefined
  userName: string
  email: string
  name: string | null
  surname: string | null
  displayName: string | null
  bypassBasicAuthRestriction: boolean | undefined
  invitationAccepted: boolean | undefined
}

const time = (there: boolean) => (there ? 'time' : null)
const nothing = { jobTitle: null, companyName: null, city: null, department: null }

export const displayNameOf = (name: string | null, surname: string | null, userName: string) =>
  `${name ?? ''} ${surname ?? ''}`.trim() || userName

export const without = (ids: readonly string[], others: readonly string[]) =>
  ids.filter((id) => !others.some((other) => sameId(id, other)))

export class Partition {
  readonly id: string
  /** In directory order. */
  accounts: Account[] = []
  /** In the order of their creation. */
  groups: Group[]
  settings: Setting[] = []
  /** Ids that were known once. */
  gone: string[] = []

  constructor(id: string, groups: Group[]) {
    this.id = id
    this.groups = groups
  }

  account = (id: string, type?: 0 | 4) =>
    this.accounts.find((account) => sameId(account.id, id) && (type ?? account.type) === account.type)
  group = (id: string) => this.groups.find((group) => sameId(group.id, id))
  named = (type: 0 | 4, name: string) =>
    this.accounts.find((account) => account.type === type && sameId(account.name, name))
  mailed = (email: string) => this.accounts.find((account) => email !== '' && sameId(account.email, email))
  unknownAccounts = (ids: readonly string[]) => ids.filter((id) => !this.account(id))
  unknownGroups = (ids: readonly string[]) => ids.filter((id) => !this.group(id))
  all = (type: 0 | 4) => this.accounts.filter((account) => account.type === type)

  /** Those entered, in directory order. */
  entered = (group: Group) => this.accounts.filter((account) => group.members.has(account))
  isIn = (account: Account, group: Group) => group.id === EVERYONE || group.members.has(account)

  administers(id: string): boolean {
    const account = this.account(id)
    return account !== undefined && this.group(ADMINISTRATORS)?.members.has(account) === true
  }

  addGroup(id: string, name: string, members: readonly string[]): Group {
    const accounts = members.flatMap((member) => this.account(member) ?? [])
    const group: Group = { id: id.toLowerCase(), name, type: 1, changed: false, members: new Set(accounts) }
    this.groups.push(group)
    return group
  }

  removeGroups(ids: readonly string[]) {
    const removed = this.groups.filter((group) => ids.some((id) => sameId(id, group.id)))
    this.groups = this.groups.filter((group) => !removed.includes(group))
    this.gone.push(...removed.map((group) => group.id))
    return removed.length
  }

  /** Which rules the users break that are to be created together. */
  brokenBy(listed: readonly Wish[], groups: readonly string[]): string[] {
    const before = (row: number, same: (other: Wish) => boolean) => listed.slice(0, row).some(same)
    const codes = listed.flatMap(({ id, userName, email }, row) => [
      ...(userName === '' ? ['InvalidUserName'] : []),
      ...(userName !== '' && (this.named(0, userName) || before(row, (other) => sameId(other.userName, userName)))
        ? ['DuplicateUserName']
        : []),
      ...(this.mailed(email) || (email !== '' && before(row, (other) => sameId(other.email, email)))
        ? ['DuplicateEmail']
        : []),
      ...(id && (this.account(id) || before(row, (other) => sameId(other.id ?? '', id))) ? ['DuplicateUserId'] : []),
    ])
    return this.unknownGroups(groups).length > 0 ? [...codes, 'GroupNotFound'] : codes
  }

  addUser(wish: Wish, id: string, groups: readonly string[]): Account {
    const { userName, name, surname, displayName } = wish
    const account: Account = {
      ...{ id: (wish.id ?? id).toLowerCase(), type: 0, name: userName, email: wish.email, confirmed: false },
      ...{ first: name, last: surname, changed: false, active: true },
      displayName: displayName || displayNameOf(name, surname, userName),
      bypass: wish.bypassBasicAuthRestriction ?? false,
      invited: wish.invitationAccepted ?? true,
    }
    this.accounts.push(account)
    this.enter(account, groups)
    return account
  }

  addRobot(id: string, name: string, displayName: string, groups: readonly string[]): Account {
    const rest = {
      email: '',
      confirmed: false,
      first: null,
      last: null,
      changed: false,
      active: true,
      bypass: false,
      invited: true,
    }
    const account: Account = { id, type: 4, name, displayName, ...rest }
    this.accounts.push(account)
    this.enter(account, groups)
    return account
  }

  enter(account: Account, groups: readonly string[]) {
    for (const id of groups) this.group(id)?.members.add(account)
  }

  leave(account: Account, groups: readonly string[]) {
    for (const id of groups) this.group(id)?.members.delete(account)
  }

  /** Removes accounts of a type with all that hangs on them, and returns how many there were. */
  removeAccounts(type: 0 | 4, ids: readonly string[]): number {
    const removed = this.all(type).filter((account) => ids.some((id) => sameId(id, account.id)))
    this.accounts = this.accounts.filter((account) => !removed.includes(account))
    for (const account of removed) for (const { members } of this.groups) members.delete(account)
    this.settings = this.settings.filter(({ owner }) => !owner || !removed.includes(owner))
    this.gone.push(...removed.map((account) => account.id))
    return removed.length
  }

  setting = (owner: Account | undefined, key: string) =>
    this.settings.find((setting) => setting.owner === owner && setting.key === key)

  showSetting = ({ owner, ...row }: Setting) => ({ ...row, partitionGlobalId: this.id, userId: owner?.id ?? null })

  showMember({ id: identifier, type, name, email, displayName, first, last }: Account) {
    const base = { displayName, source: 'local', identifier, name, email }
    if (type === 4) return { objectType: 'DirectoryRobotUser', ...base }
    return { objectType: 'DirectoryUser', firstName: first, lastName: last, ...nothing, ...base }
  }

  showResolved(account: Account) {
    const { objectType, source, identifier, name, email, displayName, ...person } = this.showMember(account)
    if (account.type === 4) return this.showMember(account)
    return { objectType, source, identifier, name, email, displayName, ...person, isActive: account.active }
  }

  showGroup(group: Group, members = this.entered(group)) {
    const { id, name, type, changed } = group
    return {
      ...{ id, name, displayName: name, type, creationTime: 'time', lastModificationTime: time(changed) },
      members: members.map((member) => this.showMember(member)),
    }
  }

  showEntity = ({ id: identifier, name }: Group) => ({
    ...{ objectType: 'DirectoryGroup', externalId: null, source: 'local', identifier, name },
    ...{ email: null, displayName: name },
  })

  groupIds(account: Account): string[] {
    const ids = this.groups.filter(({ members }) => members.has(account)).map(({ id }) => id)
    return ids.includes(EVERYONE) ? ids : [EVERYONE, ...ids]
  }

  showUser(account: Account) {
    const { id, name, email, confirmed, first, last, displayName, changed, active, bypass, invited } = account
    return {
      ...{ id, userName: name, email, emailConfirmed: confirmed, name: first, surname: last, displayName },
      ...{ creationTime: 'time', lastModificationTime: time(changed), lastLoginTime: null },
      ...{ groupIDs: this.groupIds(account), legacyId: 'number', isActive: active },
      ...{ bypassBasicAuthRestriction: bypass, type: 0, category: 0, invitationAccepted: invited },
    }
  }

  showRobot(account: Account) {
    const { id, name, displayName } = account
    const groupIds = this.groupIds(account)
    return { id, name, displayName, creationTime: 'time', lastLoginTime: null, groupIds }
  }
}
