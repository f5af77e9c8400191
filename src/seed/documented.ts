// What a first local start plants: a host partition, the documented organization, and two clients.
// The Worker imports nothing of this, so a deployment can never contain the clients' secrets.
import { keyRing } from '../auth/keys.ts'
import { SCOPES } from '../auth/scopes.ts'
import { plantClient } from '../connect/client.seed.ts'
import { TenantDocument } from '../control/document.schema.ts'
import { readDocument } from '../control/document.ts'
import { plantFirst } from '../control/plant-snapshot.ts'
import { keepEntries, SEED } from '../control/snapshot-parts.ts'
import { Database } from '../database/database.ts'
import { builtInGroups, plantGroups } from '../groups/group.seed.ts'
import { findAnyPartition } from '../partitions/find-partition.ts'
import { plantPartition } from '../partitions/partition.seed.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'
import type { EncryptionEnv } from '../secrets/encryption-keys.ts'
import { HOGWARTS, HOGWARTS_DOCUMENT } from './hogwarts.ts'

/** When the documented organization was made. */
const CREATED = '2021-10-13T18:37:26.6025799'

/** Plants the documented tenant, all of it at once, unless there are partitions already; then sees to a signing key. */
export async function plantDocumentedTenant(d1: D1Database, secrets: EncryptionEnv = {}): Promise<void> {
  const database = new Database(d1)
  if (!(await findAnyPartition(database))) {
    const scopes = SCOPES
    const hogwarts = await readDocument(secrets, TenantDocument.parse(HOGWARTS_DOCUMENT), CREATED)
    await database.batch(
      plantPartition({ id: HOST_PARTITION, name: 'host' }),
      ...plantGroups(HOST_PARTITION, builtInGroups(CREATED)),
      plantPartition(HOGWARTS),
      ...keepEntries(HOGWARTS.id, SEED, hogwarts, Date.now()),
      ...plantFirst(HOGWARTS.id, SEED, Date.now()),
      await plantClient({
        id: 'host-admin',
        secret: 'host-admin-secret',
        partition: HOST_PARTITION,
        scopes,
        hostAdmin: true,
        mayPrefer: true,
      }),
      await plantClient({
        id: 'hogwarts-admin',
        secret: 'hogwarts-admin-secret',
        partition: HOGWARTS.id,
        scopes,
        hostAdmin: false,
        mayPrefer: true,
      }),
    )
  }
  await keyRing({ ...secrets, DB: d1 })
}
