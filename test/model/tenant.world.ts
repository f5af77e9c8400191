// Who calls the modelled tenant, what they may reach, and a die that draws what they ask for.

import { isGuid, sameId } from '../../src/http/identifier.ts'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { adminOf, createPartition, hostAdmin, mint, user } from '../support/tenant.ts'
import { type Answer, forbidden, NOWHERE, Partition, unknownId } from './tenant.model.ts'

export interface Caller {
  name: string
  token: string
  /** The partition of its token. */
  own: string
  host?: boolean
  /** The user it speaks for. */
  sub?: string
  /** Its scopes only read. */
  reads?: boolean
}

export interface World {
  callers: Caller[]
  /** Those of the two organizations, then that of the host. */
  partitions: Partition[]
}

const READ_SCOPES = ['PM.Group.Read', 'PM.User.Read', 'PM.RobotAccount.Read', 'PM.Setting.Read', 'PM.Directory.Read']

/** Ids that clients make up, the same in all partitions. */
export const MADE_UP = Array.from({ length: 8 }, (_, place) => `abc00000-0000-4000-8000-00000000000${place}`)

const builtIn = () =>
  [
    ['ce684f6f-5af3-4e43-8516-1adad6e98fc9', 'Everyone'] as const,
    ['35551807-06b1-4cda-90a1-2fb84851eee7', 'Administrators'] as const,
    ['4d161738-7204-4794-b839-8f7fed28366c', 'Automation Developers'] as const,
    ['cdc34b5b-77d2-4ae1-9744-209d21ce557d', 'Automation Users'] as const,
    ['65bac4da-2a5b-459a-8f49-318dc95c06a6', 'Citizen Developers'] as const,
  ].map(([id, name]) => ({ id, name, type: 0 as const, changed: true, members: new Set<never>() }))

export async function createWorld(): Promise<World> {
  const [plain = NOWHERE] = MADE_UP
  const first = await createPartition({ entities: [user(plain)] })
  const second = await createPartition({ entities: [user(plain)] })
  const partitions = [first, second, HOST_PARTITION].map((id) => new Partition(id, builtIn()))
  for (const partition of partitions.slice(0, 2)) {
    const names = { userName: plain, email: '', name: null, surname: null, displayName: `User ${plain}` }
    partition.addUser({ ...names, bypassBasicAuthRestriction: false, invitationAccepted: true }, plain, []).confirmed =
      true
  }
  const callers: Caller[] = [
    { name: 'first', token: await adminOf(first), own: first },
    { name: 'second', token: await adminOf(second), own: second },
    { name: 'host', token: await hostAdmin(), own: HOST_PARTITION, host: true },
    { name: 'reader', token: await adminOf(first, READ_SCOPES), own: first, reads: true },
    { name: 'plain', token: await mint({ prt_id: first, sub: plain, sub_type: 'user' }), own: first, sub: plain },
  ]
  return { callers, partitions }
}

/** The partition, or why the caller may not act on it. What a user owns it may reach without administering all. */
export function reach({ partitions }: World, caller: Caller, asked: string, owner?: string | null): Partition | Answer {
  const found = partitions.find(({ id }) => sameId(id, asked))
  if (caller.host) return found ?? unknownId('partitionGlobalId', asked)
  if (!found && !isGuid(asked)) return unknownId('partitionGlobalId', asked)
  if (!found || !sameId(asked, caller.own)) return forbidden
  if (caller.sub && !(owner && sameId(owner, caller.sub)) && !found.administers(caller.sub)) return forbidden
  return found
}

/** Draws the same from the same seed, whatever ids the server makes up. */
export class Die {
  private state: number

  constructor(seed: number) {
    this.state = seed
  }

  /** 0 to `sides` - 1. */
  roll(sides: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * sides)
  }

  chance = (percent: number) => this.roll(100) < percent

  one<const Items extends readonly unknown[]>(...items: Items): Items[number] {
    return items[this.roll(items.length)]
  }

  /** Without what is no id at all: a list with one is refused whatever else is in it, which other tests look at. */
  some = <Item>(most: number, draw: () => Item): Item[] =>
    Array.from({ length: this.roll(most + 1) }, () => {
      let drawn = draw()
      while (/^not-an-id$/i.test(String(drawn))) drawn = draw()
      return drawn
    })

  /** Known, in most cases; else deleted, of elsewhere, of another kind, made up, unknown, or no id. */
  id(known: readonly string[], gone: readonly string[], elsewhere: readonly string[]): string {
    const side = this.roll(100)
    const pool = side < 72 ? known : side < 80 ? gone.slice(-12) : side < 88 ? elsewhere : MADE_UP
    const id = side < 93 ? (this.one(...pool) ?? NOWHERE) : side < 97 ? NOWHERE : 'not-an-id'
    return this.chance(10) ? id.toUpperCase() : id
  }

  account(world: World, { place, type }: { place: string; type?: 0 | 4 | undefined }): string {
    const ids = (partition: Partition) => partition.accounts.filter((one) => one.type === (type ?? one.type))
    return this.idOf(world, place, (partition) => ids(partition).map(({ id }) => id))
  }

  group = (world: World, { place }: { place: string }) =>
    this.idOf(world, place, ({ groups }) => groups.map(({ id }) => id))

  private idOf({ partitions }: World, place: string, ids: (partition: Partition) => string[]): string {
    const here = partitions.find(({ id }) => sameId(id, place)) ?? partitions[0]
    const elsewhere = partitions.filter((partition) => partition !== here)
    const others = elsewhere.flatMap(({ accounts, groups }) => [...accounts, ...groups].map(({ id }) => id))
    return this.id(here ? ids(here) : [], here?.gone ?? [], others)
  }

  caller({ callers }: World): Caller {
    const [first, second, host, reader, plain] = callers
    if (!first || !second || !host || !reader || !plain) throw new Error('callers are missing')
    return this.one(first, first, first, first, second, second, host, host, reader, plain)
  }

  /** The id of a partition the caller asks for, its own in most cases; a host administrator's is any. */
  place({ partitions }: World, caller: Caller): string {
    const ids = partitions.map(({ id }) => id)
    const side = this.roll(100)
    const id = side < 4 ? NOWHERE : side < 6 ? 'not-an-id' : undefined
    if (id) return id
    const any = this.one(...ids)
    const asked = caller.host || side < 14 ? any : caller.own
    return this.chance(10) ? asked.toUpperCase() : asked
  }
}
