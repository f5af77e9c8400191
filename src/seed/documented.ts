// What a first local start plants: a host partition, the documented organization, and clients.
// The Worker imports nothing of this, so a deployment can never contain the clients' secrets.
import { base64url, type JWK } from 'jose'
import { keepGeneratedKey, keyRing } from '../auth/keys.ts'
import { GRANTABLE_SCOPES, REGISTRABLE_SCOPES } from '../auth/scopes.ts'
import { plantClient } from '../connect/client.seed.ts'
import { TenantDocument } from '../control/states/document.schema.ts'
import { readDocument } from '../control/states/document.ts'
import { plantFirst } from '../control/states/plant-snapshot.ts'
import { keepEntries, SEED } from '../control/states/snapshot-parts.ts'
import type { Bound } from '../database/bound.ts'
import { Database } from '../database/database.ts'
import { type Databases, databaseOf, databasesOf, MAIN } from '../database/placement.ts'
import { builtInGroups, plantGroups } from '../groups/group.seed.ts'
import { findAnyPartition } from '../partitions/find-partition.ts'
import { type PartitionSeed, plantPartition } from '../partitions/partition.seed.ts'
import { HOST_PARTITION } from '../partitions/partition.table.ts'
import type { EncryptionEnv } from '../secrets/encryption-keys.ts'
import { bindDerived } from '../users/password.ts'
import { pepperOf } from '../users/pepper.ts'
import type { UserSeed } from '../users/user.section.ts'
import { HOGWARTS, HOGWARTS_DERIVED, HOGWARTS_DOCUMENT } from './hogwarts.ts'
import { plantVendorClients } from './vendor-clients.ts'

/** When the documented organization was made. */
const CREATED = '2021-10-13T18:37:26.6025799'

/**
 * Plants the documented tenant, in one batch for each database that has no partition yet. The main database comes last,
 * so that a run which is cut off leaves it empty and the next one plants the rest. Then keeps a signing key if there is none.
 *
 * @param signingKey the RSA key to keep; without it one is made here
 */
export async function plantDocumentedTenant(env: Databases & EncryptionEnv, signingKey?: JWK): Promise<void> {
  const hogwarts = await readDocument(env, await hogwartsDocument(env), CREATED)
  const at = Date.now()
  const kept = await keepEntries(HOGWARTS.id, SEED, hogwarts, at)
  const contents: readonly [PartitionSeed, () => readonly Bound<unknown>[]][] = [
    [{ id: HOST_PARTITION, name: 'host' }, () => plantGroups(HOST_PARTITION, builtInGroups(CREATED))],
    [HOGWARTS, () => [...kept, ...plantFirst(HOGWARTS.id, SEED, at)]],
  ]
  for (const { name, d1 } of databasesOf(env).toReversed()) {
    const database = new Database(d1)
    if (await findAnyPartition(database)) continue
    const statements = contents.flatMap(([partition, content]) => {
      const isHere = databaseOf(env, partition.id).name === name
      return [...(isHere || name === MAIN ? [plantPartition(partition)] : []), ...(isHere ? content() : [])]
    })
    if (name === MAIN) statements.push(...(await plantClients()))
    if (statements.length > 0) await database.batch(...statements)
  }
  if (signingKey) await keepGeneratedKey(env, signingKey)
  await keyRing(env)
}

/** The organization's document, with the hashes of its users' passwords made of what {@link HOGWARTS_DERIVED} has. */
async function hogwartsDocument(env: Databases & EncryptionEnv): Promise<TenantDocument> {
  const document = TenantDocument.parse(HOGWARTS_DOCUMENT)
  const pepper = await pepperOf(env)
  const withHash = async (user: UserSeed): Promise<UserSeed> => {
    const derived = HOGWARTS_DERIVED.get(user.id ?? '')
    if (derived === undefined) return user
    const { password: _, ...others } = user
    return { ...others, passwordHash: await bindDerived(pepper, base64url.decode(derived)) }
  }
  return { ...document, users: await Promise.all((document.users ?? []).map(withHash)) }
}

/** A public client of the organization, with the addresses that the vendor's command line and PowerShell module have by default. */
const APP = {
  id: 'hogwarts-app',
  name: 'Hogwarts',
  secret: '',
  partition: HOGWARTS.id,
  hostAdmin: false,
  scopes: REGISTRABLE_SCOPES,
  grantTypes: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
  redirectUris: [
    'http://localhost:3000/callback',
    'http://localhost:12700',
    'http://localhost:8085/Temporary_Listen_Addresses',
  ],
}

async function plantClients() {
  const own = [
    { id: 'host-admin', secret: 'host-admin-secret', partition: HOST_PARTITION, hostAdmin: true },
    { id: 'hogwarts-admin', secret: 'hogwarts-admin-secret', partition: HOGWARTS.id, hostAdmin: false },
  ].map((client) => ({ ...client, scopes: GRANTABLE_SCOPES }))
  const planted = [...own, APP].map((client) => plantClient({ ...client, mayPrefer: true }))
  return [...(await Promise.all(planted)), ...(await plantVendorClients(true))]
}
