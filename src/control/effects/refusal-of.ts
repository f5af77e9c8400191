// Tells from an answer whether it refuses the request, and why, where its headers alone say so.

/** Whether an answer is a refusal: a status from 400 on, or a redirect to the page that shows what was wrong. */
export const isRefusal = ({ status, headers }: Response) => status >= 400 || errorIn(headers) !== undefined

/** What was wrong with the token, or with what a client sent a user for; null where the body says it or nothing is wrong. */
export const reasonIn = ({ headers }: Response): string | null =>
  /error_description="([^"]*)"/.exec(headers.get('WWW-Authenticate') ?? '')?.[1] ?? errorIn(headers) ?? null

/** The error in the address that a redirect leads to. */
function errorIn(headers: Headers): string | undefined {
  const location = headers.get('Location')
  if (location === null || !URL.canParse(location)) return undefined
  const { searchParams } = new URL(location)
  return searchParams.get('errorCode') ?? searchParams.get('error') ?? undefined
}
