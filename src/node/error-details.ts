// Reads errors by their properties, not with `instanceof Error`. In Jest and in vitest's vm pools, Node's errors are
// instances of another realm's `Error`, for which `instanceof` is false: a missing file would not be recognised, and would
// end a start.

/** The `code` of an error, such as `ENOENT`; undefined when it has none. */
export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

/** The message of an error; of any other thrown value, its text. */
export function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error)
  return String(error.message)
}
