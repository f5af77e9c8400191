// What a first local start plants: a host partition, the documented organization, and two clients.
// Nothing of this is imported by the Worker, so a deployment can never contain the clients' secrets.
import { sql } from 'drizzle-orm'
import { keyRing } from '../auth/keys.ts'
import { SCOPES } from '../auth/scopes.ts'
import { plantClient } from '../connect/client.seed.ts'
import { Database } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { plantEntities } from '../directory/directory.seed.ts'
import { builtInGroups, plantGroups } from '../groups/group.seed.ts'
import { plantPartition } from '../partitions/partition.seed.ts'
import { HOST_PARTITION, partitions } from '../partitions/partition.table.ts'
import type { EncryptionEnv } from '../secrets/encryption-keys.ts'
import { sealSettings } from '../settings/secret-settings.ts'
import { plantSettings } from '../settings/setting.seed.ts'
import { HOGWARTS, HOGWARTS_DIRECTORY, HOGWARTS_GROUPS, HOGWARTS_SETTINGS } from './hogwarts.ts'

const HOGWARTS_AS_OWNER = { partition: HOGWARTS.id, user: null }

const anyPartition = statement<Record<never, never>, { id: string }>(
  () => sql`select ${partitions.id} as "id" from ${partitions} limit 1`,
)

/** Plants the documented tenant, all of it at once, unless there are partitions already; then sees to a signing key. */
export async function plantDocumentedTenant(d1: D1Database, secrets: EncryptionEnv = {}): Promise<void> {
  const database = new Database(d1)
  if (!(await database.first(anyPartition, {}))) {
    const scopes = SCOPES
    await database.batch(
      plantPartition({ id: HOST_PARTITION, name: 'host' }),
      ...plantGroups(HOST_PARTITION, builtInGroups('2021-10-13T18:37:26.6025799')),
      plantPartition(HOGWARTS),
      plantSettings(HOGWARTS.id, await sealSettings(secrets, HOGWARTS_AS_OWNER, HOGWARTS_SETTINGS)),
      ...plantEntities(HOGWARTS.id, HOGWARTS_DIRECTORY),
      ...plantGroups(HOGWARTS.id, HOGWARTS_GROUPS),
      await plantClient({
        id: 'host-admin',
        secret: 'host-admin-secret',
        partition: HOST_PARTITION,
        scopes,
        hostAdmin: true,
      }),
      await plantClient({
        id: 'hogwarts-admin',
        secret: 'hogwarts-admin-secret',
        partition: HOGWARTS.id,
        scopes,
        hostAdmin: false,
      }),
    )
  }
  await keyRing({ ...secrets, DB: d1 })
}
