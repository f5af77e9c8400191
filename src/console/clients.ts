// OAuth clients of a tenant, as the control plane lists them.
import { control, under } from './calls.ts'

export interface Client {
  readonly id: string
  readonly public: boolean
  readonly name: string | null
  readonly scopes: readonly string[]
  readonly redirectUris: readonly string[]
  readonly grantTypes: readonly string[]
  readonly requirePkce: boolean
  readonly hostAdmin: boolean
}

/** What is shown once. */
export type Shown = Pick<Client, 'id'> & { readonly secret: string }

export const readClients = async (tenant: string): Promise<Client[]> =>
  (await control<{ results: Client[] }>('GET', under(tenant, 'clients'))).results
