// The clients of a tenant made on demand, and the tokens that come with it.
import { base64url } from 'jose'
import { GRANTABLE_SCOPES, SCOPES } from '../../auth/scopes.ts'
import { plantClient, removeClient } from '../../connect/client.seed.ts'
import type { Bound } from '../../database/database.ts'
import type { DocumentClient } from '../states/document.schema.ts'
import type { TenantRow } from './tenants.ts'

export interface NewClient {
  id: string
  secret: string
  scopes: string[]
  hostAdmin: false
}

export const READER_SCOPES = SCOPES.filter((scope) => scope.endsWith('.Read'))

/** Those `given`, with what they leave out made up; or one for everything and one that reads. */
export function newClients(name: string, given: readonly DocumentClient[] | undefined): NewClient[] {
  const wanted = given ?? [
    { id: `${name}-admin`, scopes: [...GRANTABLE_SCOPES] },
    { id: `${name}-reader`, scopes: GRANTABLE_SCOPES.filter((scope) => scope.endsWith('.Read')) },
  ]
  return wanted.map(({ id = `${name}-${randomText(6)}`, secret = randomText(32), scopes = [...GRANTABLE_SCOPES] }) => ({
    id,
    secret,
    scopes: [...scopes],
    hostAdmin: false,
  }))
}

/** What makes these the clients of those ids; one of another tenant fails the batch. */
export async function replaceClients({ id: partition, name }: TenantRow, given: readonly DocumentClient[] = []) {
  const planted = newClients(name, given).map(
    async (client): Promise<Bound<unknown>[]> => [
      removeClient(partition, client.id),
      await plantClient({ ...client, partition, mayPrefer: true }),
    ],
  )
  return (await Promise.all(planted)).flat()
}

const randomText = (bytes: number) => base64url.encode(crypto.getRandomValues(new Uint8Array(bytes)))

/** The client tokens are for that no client asked for. */
export const testsClient = ({ id, name }: Pick<TenantRow, 'id' | 'name'>, scopes: readonly string[]) => ({
  id: `${name}-tests`,
  partitionId: id,
  scopes: scopes.join(' '),
  hostAdmin: false,
  mayPrefer: true,
})
