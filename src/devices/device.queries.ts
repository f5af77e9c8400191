// A device that waits for its user: found by the code that the user types in, and answered.
import { sql } from 'drizzle-orm'
import { clients } from '../connect/client.table.ts'
import { nameOf } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { grants, sessions } from '../grants/grant.table.ts'
import { clockOf } from '../partitions/clock.ts'

/** A session of a user, and the code that was typed in. */
export interface Typed {
  userCodeHash: string
  session: string
  partition: string
  user: string
  /** The host partition: its clients are for users of all. */
  host: string
  /** The real time, in milliseconds since the epoch. */
  now: number
}

const clock = (v: Slots<Pick<Typed, 'now'>>) => clockOf(grants.partitionId, sql`${v.now}`)

/** Holds for a device that waits for this code, whose client is for users of the partition. */
const isWaiting = (v: Slots<Typed>) => sql`
  ${grants.userCodeHash} = ${v.userCodeHash} and ${grants.userId} is null and ${grants.consumedAt} is null
  and ${grants.details} ->> '$.denied' is null and ${grants.expiresAt} > ${clock(v)}
  and exists (select 1 from ${clients} where ${clients.id} = ${grants.clientId}
    and ${clients.partitionId} in (${v.partition}, ${v.host}))`

export interface WaitingDevice {
  clientId: string
  name: string | null
  scopes: string
}

export const selectWaiting = statement<Typed, WaitingDevice>(
  (v, row) => sql`
    select ${row({ clientId: grants.clientId, name: clients.name, scopes: grants.scopes })}
    from ${grants} join ${clients} on ${clients.id} = ${grants.clientId}
    where ${isWaiting(v)} and ${isSignedIn(v)}`,
)

/** How many wrong codes a session may try, so that nobody finds a stranger's device by trying. Assumed. */
const MAX_TRIES = 5

const isSignedIn = (v: Slots<Typed>) => sql`exists (
  select 1 from ${sessions} where ${isSession(v)} and ${sessions.deviceTries} < ${sql.raw(String(MAX_TRIES))})`

/** Counts a code that no device waits for. */
export const countTry = statement<Typed>(
  (v) => sql`
    update ${sessions} set ${nameOf(sessions.deviceTries)} = ${sessions.deviceTries} + 1
    where ${isSession(v)} and not exists (select 1 from ${grants} where ${isWaiting(v)})`,
)

/** How many tries the session has left; nothing where it is over. */
export const selectTries = statement<Typed, { left: number }>(
  (v, row) => sql`select ${row({ left: sql<number>`max(0, ${sql.raw(String(MAX_TRIES))} - ${sessions.deviceTries})` })}
    from ${sessions} where ${isSession(v)}`,
)

const isSession = (v: Slots<Typed>) => sql`${sessions.id} = ${v.session}
  and ${sessions.partitionId} = ${v.partition} and ${sessions.userId} = ${v.user}
  and ${sessions.expiresAt} > ${clockOf(sessions.partitionId, sql`${v.now}`)}`

/** Grants the device what it asked for, in the session's partition and by its clock. */
export const approveDevice = statement<Typed & { lifetime: number }, { clientId: string }>(
  (v, row) => sql`
    update ${grants} set ${nameOf(grants.partitionId)} = ${v.partition}, ${nameOf(grants.userId)} = ${v.user},
      ${nameOf(grants.sessionId)} = ${v.session},
      ${nameOf(grants.details)} = json_set(${grants.details},
        '$.authTime', (select ${sessions.authTime} from ${sessions} where ${sessions.id} = ${v.session}),
        '$.amr', (select ${sessions.amr} from ${sessions} where ${sessions.id} = ${v.session})),
      ${nameOf(grants.expiresAt)} = ${clockOf(sql`${v.partition}`, sql`${v.now}`)} + ${v.lifetime}
    where ${isWaiting(v)} and ${isSignedIn(v)}
    returning ${row({ clientId: grants.clientId })}`,
)

/** Tells the device that its user said no. */
export const denyDevice = statement<Typed, { clientId: string }>(
  (v, row) => sql`
    update ${grants} set ${nameOf(grants.details)} = json_set(${grants.details}, '$.denied', json('true'))
    where ${isWaiting(v)} and ${isSignedIn(v)}
    returning ${row({ clientId: grants.clientId })}`,
)
