// What a browser sends to a page.
import type { Context } from 'hono'
import { isForm } from '../connect/form.ts'
import { limitBody } from '../http/body-limit.ts'
import { requireText } from '../http/body-text.ts'
import { Refusal } from '../http/refusal.ts'

/** The query, as it came. */
export const queryOf = ({ req }: Context) => req.url.split('?').slice(1).join('?')

/** The text of a form. @throws Refusal 415 for what is none, 400 for bytes that are no text */
export async function pageForm(c: Context): Promise<string> {
  if (!isForm(c)) throw new Refusal({ is: 'unsupportedMediaType' })
  await limitBody(c)
  return requireText(c)
}
