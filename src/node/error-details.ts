// What was thrown, whoever threw it. Under Jest and in vitest's vm pools the errors of Node's own modules are made by
// another realm's `Error`: `instanceof Error` is false for them, and a file that is merely absent would end a start.

/** The `code` of an error of Node's or of workerd's start, such as `ENOENT`. */
export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

/** An error's message alone, or whatever else was thrown as text. */
export function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error)
  return String(error.message)
}
