// What introspection, revocation and the device flow have in common: a form, by which a client also authenticates itself.
import type { Context } from 'hono'
import { type AppEnv, openMain } from '../database/session.ts'
import { Refusal } from '../http/refusal.ts'
import { authenticateClient } from './authenticate-client.ts'
import type { ClientRow } from './client.queries.ts'
import { credentialsOf } from './client-credentials.ts'
import { enterTenant } from './enter-tenant.ts'
import { isForm, readForm } from './form.ts'
import { limitAddress, limitClient } from './limit-rate.ts'

/** A form that a client sent, and the client. */
export interface ClientRequest {
  readonly client: ClientRow
  readonly form: ReadonlyMap<string, string>
}

/**
 * The fields `names` of a form, and the client that sent it. From here on the request is that client's.
 * @throws Refusal 415 for a body that is no form
 * @throws TokenRefusal for a client that does not authenticate itself
 */
export async function readClientRequest(c: Context<AppEnv>, names: readonly string[]): Promise<ClientRequest> {
  if (!isForm(c)) throw new Refusal({ is: 'unsupportedMediaType' })
  await limitAddress(c)
  const form = await readForm(c, ['client_id', 'client_secret', ...names])
  const sent = { client_id: form.get('client_id'), client_secret: form.get('client_secret') }
  const credentials = credentialsOf(c.req.header('Authorization'), sent)
  await limitClient(c, credentials.client_id)
  const client = await authenticateClient(c.env, openMain(c), credentials)
  if (c.var.timing) c.var.timing.client = client.id
  await enterTenant(c, client)
  return { client, form }
}
