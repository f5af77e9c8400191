// Who may call an operation, beside holding one of its scopes: the roles a contract can name.

/**
 * - `host administrator`: a token with `host`; it acts on every partition.
 * - `organization administrator`: a user in the Administrators group of the token's partition.
 *   A user that the directory does not have, or has no more, is none.
 * - `application`: a client that acts for itself, on the partition its token was issued for.
 * - `user`: any user of the token's partition. The directory is not asked, so a deleted one counts until its token expires.
 * - `self`: a user, on that user's own data. The handler tells `reachPartition` whose data it is.
 */
export type Role = 'host administrator' | 'organization administrator' | 'application' | 'user' | 'self'

/** The roles that administer a partition: those that most operations are for. */
export const ADMINISTERING = [
  'host administrator',
  'organization administrator',
  'application',
] as const satisfies readonly Role[]
