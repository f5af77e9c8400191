// Round trips to D1 that fail, and what is known of their effect.

/**
 * `none`: nothing of the batch took place. `unknown`: a write was sent and not answered; it may have taken place, or may
 * still do so. Only a later read tells.
 */
export type Effect = 'none' | 'unknown'

/** D1 failed, refused, or took too long. The message is the one of D1's own error. */
export class DatabaseFailure extends Error {
  override readonly name = 'DatabaseFailure'
  readonly effect: Effect

  constructor(message: string, effect: Effect, options?: ErrorOptions) {
    super(message, options)
    this.effect = effect
  }
}

// The error with which D1 rejects a query before it begins (D1's list of errors).
const NOT_BEGUN = /D1 DB is overloaded/

// D1 refuses all queries of an account on the free plan whose rows of the day are used up (D1's changelog of 2026-09-01).
const DAILY_ROWS = /exceeded D1's free tier daily row (?:read|write|written) limit/

/** Whether D1 refuses until midnight UTC, because the free plan's rows of the day are read or written. */
export const isOutOfRows = ({ message }: Error): boolean => DAILY_ROWS.test(message)

// SQLite's errors, after which it rolls the transaction back: a violated constraint, a full disk. All but I/O errors, as the
// operation that failed may be the commit itself.
const ROLLED_BACK = /SQLITE_(?!IOERR)/

/** The effect of a batch that ended with `error`. A batch is one transaction: it takes place as a whole or not at all. */
export function effectOf(error: unknown, writes: boolean): Effect {
  if (!writes) return 'none'
  const message = error instanceof Error ? error.message : ''
  return [ROLLED_BACK, NOT_BEGUN, DAILY_ROWS].some((known) => known.test(message)) ? 'none' : 'unknown'
}

/** The {@link DatabaseFailure} for anything that a connection throws. */
export function failure(error: unknown, writes: boolean): DatabaseFailure {
  if (error instanceof DatabaseFailure) return error
  const message = error instanceof Error ? error.message : String(error)
  return new DatabaseFailure(message, effectOf(error, writes), { cause: error })
}

/** The longest that a round trip may take where D1_DEADLINE_MS is not set. In milliseconds. */
export const DEADLINE = 10_000

/** The longest that a change in steps may take. In milliseconds. */
export const LONG_DEADLINE = 300_000

/** The deadline of this deployment; undefined where it has none of its own, and {@link DEADLINE} counts. */
export const deadlineOf = ({ D1_DEADLINE_MS }: Pick<Cloudflare.Env, 'D1_DEADLINE_MS'>): number | undefined =>
  Number(D1_DEADLINE_MS) > 0 ? Number(D1_DEADLINE_MS) : undefined

/**
 * Waits for `answer` until the deadline. The round trip itself is not cut off: it goes on, and its result is dropped.
 *
 * @throws DatabaseFailure at the deadline
 */
export const inTime = <Answer>(
  answer: Promise<Answer>,
  deadline: number | undefined,
  writes: boolean,
): Promise<Answer> =>
  unlessLate(answer, deadline ?? DEADLINE, () =>
    Promise.reject(new DatabaseFailure('no answer in time', writes ? 'unknown' : 'none')),
  )

/**
 * Resolves as `awaited` does, or as `late()` does if `awaited` is still pending after so many milliseconds.
 *
 * @example
 * const rows = await unlessLate(query, 250, () => undefined)
 */
export function unlessLate<Value, Late>(
  awaited: Promise<Value>,
  milliseconds: number,
  late: () => Late | Promise<Late>,
): Promise<Value | Late> {
  const { promise, resolve, reject } = Promise.withResolvers<Value | Late>()
  const timer = setTimeout(() => resolve(late()), milliseconds)
  awaited.then(resolve, reject).finally(() => clearTimeout(timer))
  return promise
}
