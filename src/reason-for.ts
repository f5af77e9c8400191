// Why a request failed, told from the error that was thrown: the one place that knows all errors of the levels below.
import { DatabaseFailure, type Effect, isOutOfRows } from './database/failure.ts'
import { type Reason, Refusal } from './http/refusal.ts'
import { NotUnsealed } from './secrets/seal.ts'

const DETAIL_OF_EFFECT: Readonly<Record<Effect, string>> = {
  none: 'The database did not answer. Nothing was changed; the request can be sent again.',
  unknown: 'The database did not answer. Whether the change took place is not known; a read tells.',
}

const OUT_OF_ROWS =
  "The rows a day of D1 on Cloudflare's free plan are used up. Nothing was changed; D1 answers again after midnight UTC, or on the Workers Paid plan."

const DAY_MS = 86_400_000

/**
 * The reason with which an error is answered. Each app renders it in its own form.
 *
 * @example
 * app.onError((error, c) => answerRefusal(c, reasonFor(error)))
 */
export function reasonFor(error: Error): Reason {
  if (error instanceof Refusal) return error.reason
  if (error instanceof DatabaseFailure) return unavailable(error)
  if (error instanceof NotUnsealed) {
    return { is: 'notServing', reasons: ['a stored secret is sealed under a key that is missing'] }
  }
  return { is: 'failed' }
}

// SQLite's error where a disk, or a D1 database of the size that its plan allows, is full.
const isFull = ({ message }: Error) => message.includes('SQLITE_FULL')

const FULL = 'There is no room left for the database. Nothing was changed; the request can be sent again when there is.'

function unavailable(error: DatabaseFailure): Reason {
  if (isFull(error)) return { is: 'unavailable', detail: FULL }
  if (!isOutOfRows(error)) return { is: 'unavailable', detail: DETAIL_OF_EFFECT[error.effect] }
  return { is: 'unavailable', detail: OUT_OF_ROWS, retryAfter: Math.ceil((DAY_MS - (Date.now() % DAY_MS)) / 1000) }
}

/** Whether the caller has no part in the error: it goes to the log, since the answer does not say what happened. */
export const isUnexpected = (error: Error) => !(error instanceof Refusal)
