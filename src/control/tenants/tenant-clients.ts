// The OAuth clients of a tenant made on demand.
import { base64url } from 'jose'
import { GRANTABLE_SCOPES, IDENTITY_SCOPES, SCOPES } from '../../auth/scopes.ts'
import { type ClientSeed, plantClient, removeClient } from '../../connect/client.seed.ts'
import type { Bound } from '../../database/bound.ts'
import type { DocumentClient } from '../states/document.schema.ts'
import type { TenantRow } from './tenants.ts'

export interface NewClient extends Omit<ClientSeed, 'partition'> {
  scopes: string[]
  hostAdmin: false
}

/** All scopes that only read. */
export const READER_SCOPES = SCOPES.filter((scope) => scope.endsWith('.Read'))

/** The clients of a document with random ids and secrets where it has none; without a document an admin and a reader. */
export function newClients(name: string, given: readonly DocumentClient[] | undefined): NewClient[] {
  const wanted = given ?? [
    { id: `${name}-admin`, scopes: [...GRANTABLE_SCOPES] },
    { id: `${name}-reader`, scopes: GRANTABLE_SCOPES.filter((scope) => scope.endsWith('.Read')) },
  ]
  return wanted.map((client) => newClient(name, client))
}

export function newClient(
  name: string,
  { public: isPublic = false, id, secret, scopes, ...given }: DocumentClient,
): NewClient {
  const { redirectUris = [], requirePkce = true } = given
  const grantTypes = given.grantTypes ?? [
    ...(redirectUris.length > 0 ? ['authorization_code'] : []),
    ...(isPublic ? [] : ['client_credentials']),
  ]
  const forUsers = grantTypes.some((grantType) => grantType !== 'client_credentials')
  return {
    id: id ?? `${name}-${randomText(6)}`,
    secret: isPublic ? '' : (secret ?? randomText(32)),
    name: given.name ?? null,
    scopes: [...(scopes ?? [...GRANTABLE_SCOPES, ...(forUsers ? IDENTITY_SCOPES : [])])],
    hostAdmin: false,
    grantTypes,
    redirectUris,
    requirePkce: isPublic || requirePkce,
  }
}

/** A client as the control plane answers with it. Its secret is empty if it is public. */
export const presentClient = ({ id, secret, scopes, hostAdmin }: NewClient) => ({ id, secret, scopes, hostAdmin })

/** The statements that replace the tenant's clients of these ids. An id of another tenant's client fails the batch. */
export async function replaceClients({ id: partition, name }: TenantRow, given: readonly DocumentClient[] = []) {
  const planted = newClients(name, given).map(
    async (client): Promise<Bound<unknown>[]> => [
      removeClient(partition, client.id),
      await plantClient({ ...client, partition, mayPrefer: true }),
    ],
  )
  return (await Promise.all(planted)).flat()
}

export const randomText = (bytes: number) => base64url.encode(crypto.getRandomValues(new Uint8Array(bytes)))

/** The client that the control plane's own tokens name. It is not stored, so nobody can ask for a token as that client. */
export const testsClient = ({ id, name }: Pick<TenantRow, 'id' | 'name'>, scopes: readonly string[]) => ({
  id: `${name}-tests`,
  partitionId: id,
  scopes: scopes.join(' '),
  hostAdmin: false,
  mayPrefer: true,
})
