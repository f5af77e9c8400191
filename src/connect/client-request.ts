// What introspection, revocation and the device flow have in common: a form, by which a client also authenticates itself.
import type { Context } from 'hono'
import type { AppEnv } from '../database/session.ts'
import { Refusal } from '../http/refusal.ts'
import { type Credentials, credentialsOf } from './client-credentials.ts'
import { isForm, readForm } from './form.ts'
import { limitAddress, limitClient } from './limit-rate.ts'

/** A form that a client sent, and by what it authenticates itself. */
export interface ClientForm {
  readonly credentials: Credentials
  readonly form: ReadonlyMap<string, string>
}

/**
 * The fields `names` of a form, and the credentials of the client that sent it.
 * @throws Refusal 415 for a body that is no form
 * @throws MalformedForm
 */
export async function readClientForm(c: Context<AppEnv>, names: readonly string[]): Promise<ClientForm> {
  if (!isForm(c)) throw new Refusal({ is: 'unsupportedMediaType' })
  await limitAddress(c)
  const form = await readForm(c, ['client_id', 'client_secret', ...names])
  const sent = { client_id: form.get('client_id'), client_secret: form.get('client_secret') }
  const credentials = credentialsOf(c.req.header('Authorization'), sent)
  await limitClient(c, credentials.client_id)
  return { credentials, form }
}
