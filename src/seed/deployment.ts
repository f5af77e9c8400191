// What a new deployment gets: the host partition and one client that administrates it. Its secret is random and whoever
// deploys knows it; nothing here is imported by the Worker.
import { eq, sql } from 'drizzle-orm'
import { SCOPES } from '../auth/scopes.ts'
import { signingKeys } from '../auth/signing-key.table.ts'
import { plantClient } from '../connect/client.seed.ts'
import { clients } from '../connect/client.table.ts'
import { hashSecret } from '../connect/client-secret.ts'
import { snapshots } from '../control/control.table.ts'
import { bind } from '../database/bound.ts'
import { update } from '../database/query-builder.ts'
import { type Slots, statement } from '../database/statement.ts'
import { builtInGroups, plantGroups } from '../groups/group.seed.ts'
import { plantPartition } from '../partitions/partition.seed.ts'
import { HOST_PARTITION, partitions } from '../partitions/partition.table.ts'
import { SEALED } from '../secrets/seal.ts'
import { settings } from '../settings/setting.table.ts'
import { peppers } from '../users/pepper.table.ts'

/** The id of the client a deployment begins with. */
export const FIRST_CLIENT = 'admin'

const whatIsThere = statement<{ client: string; host: string }, { client: number; host: number }>(
  (v, row) => sql`
    select ${row({
      client: sql<number>`(select count(*) from ${clients} where ${clients.id} = ${v.client})`,
      host: sql<number>`(select count(*) from ${partitions} where ${partitions.id} = ${v.host})`,
    })}`,
)

const whetherSealed = statement<{ form: string }, { sealed: number }>(
  (v, row) => sql`
    select ${row({
      sealed: sql<number>`exists (select 1 from ${settings} where ${settings.value} like ${v.form})
        or exists (select 1 from ${signingKeys}) or exists (select 1 from ${peppers})
        or exists (select 1 from ${snapshots} where ${snapshots.entries} like ${v.form})`,
    })}`,
)

const changeSecret = statement((v: Slots<{ client: string; secretHash: string }>) =>
  update(clients)
    .set({ secretHash: sql`${v.secretHash}` })
    .where(eq(clients.id, v.client)),
)

/** Asks for `client` and `host`: 1 where there is one, 0 where there is none. */
export const askWhatIsThere = () => bind(whatIsThere, { client: FIRST_CLIENT, host: HOST_PARTITION })

/** Asks for `sealed`: 1 where anything is sealed, in settings, among the signing keys, the pepper or in snapshots; else 0. */
export const askWhetherSealed = () => bind(whetherSealed, { form: `%${SEALED}%` })

/** The host partition, then the groups every partition has. `now` as the wire prints instants. */
export const plantHost = (now: string) =>
  [plantPartition({ id: HOST_PARTITION, name: 'host' }), ...plantGroups(HOST_PARTITION, builtInGroups(now))] as const

/** A host administrator with all scopes. Only the secret's hash goes into the statement. */
export const plantFirstClient = (secret: string) =>
  plantClient({ id: FIRST_CLIENT, secret, partition: HOST_PARTITION, scopes: SCOPES, hostAdmin: true })

/** Gives the first client another secret; the old one is refused from then on. */
export const changeFirstSecret = async (secret: string) =>
  bind(changeSecret, { client: FIRST_CLIENT, secretHash: await hashSecret(secret) })
