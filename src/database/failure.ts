// A round trip that did not succeed, and what is known of its outcome.

/**
 * `none`: nothing of the batch took place. `unknown`: a write was sent and no answer says what became of it; it may
 * have taken place, or still may. Only a later read tells.
 */
export type Effect = 'none' | 'unknown'

/** The connection failed, refused, or took too long. What it said stands in the message, as the connection put it. */
export class DatabaseFailure extends Error {
  override readonly name = 'DatabaseFailure'
  readonly effect: Effect

  constructor(message: string, effect: Effect, options?: ErrorOptions) {
    super(message, options)
    this.effect = effect
  }
}

// What D1 says when it rejects a query it has not begun (D1's list of errors).
const NOT_BEGUN = /D1 DB is overloaded/

// SQLite's refusals: of a statement (a constraint), or of all that goes on (a full disk). The transaction is rolled back
// either way. Not after a failed read or write of the file, which may be that of the commit itself.
const ROLLED_BACK = /SQLITE_(?!IOERR)/

/** What became of a batch that ended with `error`. A batch has one transaction: there is no half. */
export function effectOf(error: unknown, writes: boolean): Effect {
  if (!writes) return 'none'
  const message = error instanceof Error ? error.message : ''
  return ROLLED_BACK.test(message) || NOT_BEGUN.test(message) ? 'none' : 'unknown'
}

/** Turns whatever a connection throws into a {@link DatabaseFailure}. */
export function failure(error: unknown, writes: boolean): DatabaseFailure {
  if (error instanceof DatabaseFailure) return error
  const message = error instanceof Error ? error.message : String(error)
  return new DatabaseFailure(message, effectOf(error, writes), { cause: error })
}

/** How long a round trip may take unless told otherwise. In milliseconds. */
export const DEADLINE = 10_000

/** How long one may take here; undefined for {@link DEADLINE}. */
export const deadlineOf = ({ D1_DEADLINE_MS }: Pick<Cloudflare.Env, 'D1_DEADLINE_MS'>): number | undefined =>
  Number(D1_DEADLINE_MS) > 0 ? Number(D1_DEADLINE_MS) : undefined

/**
 * What `answer` resolves to, if it does so within `deadline`. What comes later is dropped here, but `answer` itself
 * goes on: whoever has to know when it ends keeps waiting for it.
 *
 * @throws DatabaseFailure
 */
export const inTime = <Answer>(
  answer: Promise<Answer>,
  deadline: number | undefined,
  writes: boolean,
): Promise<Answer> =>
  unlessLate(answer, deadline ?? DEADLINE, () =>
    Promise.reject(new DatabaseFailure('no answer in time', writes ? 'unknown' : 'none')),
  )

/** What `awaited` comes to, or what `late` does if that is not known after so many milliseconds. */
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
