// The text of a body, from its bytes: what is not text in the encoding it claims is refused, never replaced.
import type { Context } from 'hono'
import { invalid, Refusal } from './refusal.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
const utf16 = new TextDecoder('utf-16le', { fatal: true, ignoreBOM: false })
const utf16be = new TextDecoder('utf-16be', { fatal: true, ignoreBOM: false })

// Real server: UTF-8 and UTF-16, by the names .NET has for them; what else is named is 415 (its framework's source).
const UTF8_NAMES = ['utf-8', 'unicode-1-1-utf-8', 'unicode-2-0-utf-8', 'x-unicode-1-1-utf-8', 'x-unicode-2-0-utf-8']
const UTF16_NAMES = ['utf-16', 'utf-16le', 'unicode', 'ucs-2', 'iso-10646-ucs-2']

/** Thrown for bytes that are no text in the encoding of the request. */
export class NotText extends Error {
  constructor(encoding: string) {
    super(`The request body is not valid ${encoding}.`)
  }
}

/**
 * The body's text, without its byte order mark.
 * @throws Refusal 415 for an encoding that is not read
 * @throws NotText
 */
export async function bodyText(c: Context): Promise<string> {
  const contentEncoding = c.req.header('Content-Encoding')
  if (contentEncoding !== undefined) refuseEncoded(contentEncoding)
  const isWide = isUtf16(c.req.header('Content-Type') ?? '')
  const bytes = await c.req.arrayBuffer()
  try {
    return isWide ? decodeWide(bytes) : utf8.decode(bytes)
  } catch {
    throw new NotText(isWide ? 'UTF-16' : 'UTF-8')
  }
}

/** As {@link bodyText}; bytes that are no text are 400. The token service has an answer of its own for them. */
export async function requireText(c: Context): Promise<string> {
  try {
    return await bodyText(c)
  } catch (error) {
    // Assumed: the text.
    throw error instanceof NotText ? invalid('', error.message) : error
  }
}

function refuseEncoded(contentEncoding: string) {
  if (contentEncoding.trim() === '' || /^\s*identity\s*$/i.test(contentEncoding)) return
  throw new Refusal({
    is: 'unsupportedMediaType',
    detail: `The content encoding '${contentEncoding}' is not understood. Bodies are read as they are.`,
  })
}

function isUtf16(contentType: string): boolean {
  const [, quoted, plain] = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]*))/i.exec(contentType) ?? []
  const charset = (quoted ?? plain)?.trim().toLowerCase()
  if (charset === undefined || UTF8_NAMES.includes(charset)) return false
  if (UTF16_NAMES.includes(charset)) return true
  throw new Refusal({
    is: 'unsupportedMediaType',
    detail: `The charset '${charset}' is not read: utf-8 and utf-16 are.`,
  })
}

/** Without a mark the order of bytes is little-endian, as .NET has it. */
function decodeWide(bytes: ArrayBuffer): string {
  const [first, second] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength))
  return (first === 0xfe && second === 0xff ? utf16be : utf16).decode(bytes)
}
