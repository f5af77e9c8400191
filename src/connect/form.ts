// Reads the forms that the token service takes.
import type { Context } from 'hono'
import { limitBody } from '../http/body-limit.ts'
import { bodyText, NotText } from '../http/body-text.ts'

/** Thrown for a body that is no form with single fields. */
export class MalformedForm extends Error {}

/** Whether the body says that it is a form. */
export const isForm = (c: Context) =>
  /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(c.req.header('Content-Type') ?? '')

/**
 * The fields of that name which are not blank: one that is, is as good as none. Others are not read.
 * Real server: names are matched in any case (its engine's source).
 * @throws MalformedForm for a field that is there twice, or bytes that are no text
 */
export async function readForm(c: Context, names: readonly string[]): Promise<Map<string, string>> {
  await limitBody(c)
  const text = await formText(c)
  const form = new URLSearchParams(text)
  // Escaped bytes that are no UTF-8 become replacement characters that were not sent as such.
  if (text.includes('%') && replacementsIn([...form].flat().join()) > replacementsIn(text)) throw new MalformedForm()
  const known = new Map(names.map((name) => [name.toLowerCase(), name]))
  const fields = new Map<string, string>()
  for (const [given, value] of form) {
    const name = known.get(given.toLowerCase())
    if (name === undefined || value.trim() === '') continue
    if (fields.has(name)) throw new MalformedForm()
    fields.set(name, value)
  }
  return fields
}

async function formText(c: Context): Promise<string> {
  try {
    return await bodyText(c)
  } catch (error) {
    throw error instanceof NotText ? new MalformedForm() : error
  }
}

const replacementsIn = (form: string) => form.match(/%EF%BF%BD|\ufffd/gi)?.length ?? 0
