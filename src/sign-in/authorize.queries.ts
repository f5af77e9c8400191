// What an authorization request asks of the database, in one batch: its client, its organization, the session, and the code.
import { sql } from 'drizzle-orm'
import { clients } from '../connect/client.table.ts'
import { tenantControls, tenants } from '../control/control.table.ts'
import { insertSelect } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { directoryEntities } from '../directory/directory.table.ts'
import { grants, sessions } from '../grants/grant.table.ts'
import { clockOf } from '../partitions/clock.ts'
import { partitions } from '../partitions/partition.table.ts'
import { users } from '../users/user.table.ts'

/** An organization that users sign in to. */
export interface OrganizationRow {
  id: string
  name: string
  /** The revision of what is armed for it. */
  revision: number
  /** When the time of its tenant is over. */
  expiresAt: number | null
  /** Whether its users may sign in without a password. */
  passwordless: number
}

const ofTenant = <Value>(column: typeof tenants.expiresAt | typeof tenants.passwordless) =>
  sql<Value>`(select ${column} from ${tenants} where ${tenants.partitionId} = ${partitions.id})`

const organizationFields = {
  id: partitions.id,
  name: partitions.name,
  revision: sql<number>`coalesce((select ${tenantControls.revision} from ${tenantControls}
    where ${tenantControls.partitionId} = ${partitions.id}), 0)`,
  expiresAt: ofTenant<number | null>(tenants.expiresAt),
  passwordless: sql<number>`coalesce(${ofTenant(tenants.passwordless)}, 0)`,
}

/** How an organization is told: by its id or its name; without either the client's own, or that of the session. */
export type Named = { id: string | null; name: string | null; client: string; host: string; signedIn: string | null }

const organizationId = (v: Slots<Named>) => sql`case
  when ${v.id} is not null then ${v.id}
  when ${v.name} is not null then (select ${partitions.id} from ${partitions} where ${partitions.name} = ${v.name})
  else coalesce((select ${clients.partitionId} from ${clients}
    where ${clients.id} = ${v.client} and ${clients.partitionId} <> ${v.host}), ${v.signedIn}) end`

export const selectOrganization = statement<Named, OrganizationRow>(
  (v, row) => sql`select ${row(organizationFields)} from ${partitions} where ${partitions.id} = ${organizationId(v)}`,
)

/** A session as its cookie names it. */
export type SessionValues = { session: string; partition: string; user: string }

export interface SessionRow {
  id: string
  user: string
  authTime: number
  amr: string
  expiresAt: number
  userName: string | null
  email: string | null
  isActive: boolean | null
}

/** The session and its user, whose columns are null where the main database does not hold it. */
export const selectSession = statement<SessionValues, SessionRow>(
  (v, row) => sql`
    select ${row({
      id: sessions.id,
      user: sessions.userId,
      authTime: sessions.authTime,
      amr: sessions.amr,
      expiresAt: sessions.expiresAt,
      userName: directoryEntities.name,
      email: directoryEntities.email,
      isActive: users.isActive,
    })}
    from ${sessions}
    left join ${directoryEntities} on ${directoryEntities.partitionId} = ${sessions.partitionId}
      and ${directoryEntities.type} = 0 and ${directoryEntities.id} = ${sessions.userId}
    left join ${users} on ${users.entitySeq} = ${directoryEntities.seq}
    where ${sessions.id} = ${v.session} and ${sessions.partitionId} = ${v.partition} and ${sessions.userId} = ${v.user}`,
)

/** A code for the user of a session. */
export type CodeValues = SessionValues & {
  client: string
  host: string
  hash: string
  family: string
  scopes: string
  /** `GrantDetails` without how the user signed in. */
  details: string
  redirectUri: string
  /** The address without the server's own origin, where it is there. */
  localPath: string | null
  /** The real time, in milliseconds since the epoch. */
  now: number
  /** In milliseconds. */
  lifetime: number
  removeAt: number
}

const clock = (v: Slots<CodeValues>) => clockOf(sessions.partitionId, sql`${v.now}`)

/**
 * Keeps a code, if there is such a session and the client is one of its partition or of the host, with that address. It goes
 * along with the questions about them: the code is sent to nobody unless the answers say that it may be.
 */
export const insertCode = statement<CodeValues, { kept: string }>(
  (v, row) => sql`
    ${insertSelect(
      grants,
      {
        handleHash: v.hash,
        kind: sql`'code'`,
        partitionId: sessions.partitionId,
        clientId: clients.id,
        userId: sessions.userId,
        sessionId: sessions.id,
        family: v.family,
        scopes: v.scopes,
        details: sql`json_patch(${v.details}, json_object('authTime', ${sessions.authTime}, 'amr', ${sessions.amr}))`,
        createdAt: clock(v),
        expiresAt: sql`${clock(v)} + ${v.lifetime}`,
        removeAt: v.removeAt,
      },
      sql`from ${sessions} join ${clients} on ${clients.id} = ${v.client}
        where ${sessions.id} = ${v.session} and ${sessions.partitionId} = ${v.partition}
          and ${sessions.userId} = ${v.user} and ${sessions.expiresAt} > ${clock(v)}
          and ${clients.partitionId} in (${sessions.partitionId}, ${v.host})
          and exists (select 1 from json_each(${clients.redirectUris}) registered
            where registered.value in (${v.redirectUri}, ${v.localPath}))`,
    )} returning ${row({ kept: grants.handleHash })}`,
)
