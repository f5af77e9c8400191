// Which client a token request comes from: by HTTP Basic, or else by its form.
import type { TokenRequest } from './connect.schema.ts'

/** By which a client authenticates itself. */
export type Credentials = Pick<TokenRequest, 'client_id' | 'client_secret'>

/** Real server: longer ids and secrets are as good as none (the framework's default). */
const MAX_LENGTH = 100

/**
 * The credentials that count. Real server: those of HTTP Basic before those of the form; a header that cannot be read, or
 * has no id, is ignored, and one without a secret counts only where the form names no client (the framework's source).
 */
export function credentialsOf(authorization: string | undefined, form: Credentials): Credentials {
  const basic = basicCredentials(authorization)
  if (basic?.client_secret !== undefined) return basic
  if (basic && form.client_id === undefined) return basic
  return { client_id: form.client_id, client_secret: form.client_secret }
}

/** Whether these name a client that could be one. */
export const areCredentials = ({ client_id, client_secret }: Credentials) =>
  client_id !== undefined && !isTooLong(client_id) && !isTooLong(client_secret)

const isTooLong = (text: string | undefined) => text !== undefined && text.length > MAX_LENGTH

function basicCredentials(authorization = ''): Credentials | undefined {
  const encoded = /^basic +([^ ]+) *$/i.exec(authorization)?.[1]
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(decodeBase64(encoded ?? '') ?? '') ?? []
  if (!id?.trim() || secret === undefined || isTooLong(id) || isTooLong(secret)) return undefined
  return { client_id: decodeForm(id), client_secret: secret.trim() === '' ? undefined : decodeForm(secret) }
}

function decodeBase64(text: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(
      Uint8Array.from(atob(text), (one) => one.charCodeAt(0)),
    )
  } catch {
    return undefined
  }
}

// RFC 6749, section 2.3.1: both halves are form-encoded before they are joined. .NET leaves an escape that is none.
const decodeForm = (text: string) => text.replace(/\+/g, ' ').replace(/(?:%[\da-f]{2})+/gi, decoded)

function decoded(escapes: string): string {
  try {
    return decodeURIComponent(escapes)
  } catch {
    return escapes
  }
}
