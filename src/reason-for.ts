// Why a request failed, told from the error that was thrown: the one place that knows all errors of the levels below.
import { HTTPException } from 'hono/http-exception'
import { DatabaseFailure, type Effect } from './database/failure.ts'
import { type Reason, Refusal } from './http/refusal.ts'
import { NotUnsealed } from './secrets/seal.ts'

const DETAIL_OF_EFFECT: Readonly<Record<Effect, string>> = {
  none: 'The database did not answer. Nothing was changed; the request can be sent again.',
  unknown: 'The database did not answer. Whether the change took place is not known; a read tells.',
}

// Hono's validators throw this for a body that cannot be parsed.
const isMalformedJson = (error: Error) => error instanceof HTTPException && error.status === 400

/**
 * The reason with which an error is answered. Each app renders it in its own form.
 *
 * @example
 * app.onError((error, c) => answerRefusal(c, reasonFor(error)))
 */
export function reasonFor(error: Error): Reason {
  if (error instanceof Refusal) return error.reason
  if (isMalformedJson(error)) return { is: 'malformedJson' }
  if (error instanceof DatabaseFailure) return { is: 'unavailable', detail: DETAIL_OF_EFFECT[error.effect] }
  if (error instanceof NotUnsealed) {
    return { is: 'notServing', reasons: ['a stored secret is sealed under a key that is missing'] }
  }
  return { is: 'failed' }
}

/** Whether the caller has no part in the error: it goes to the log, since the answer does not say what happened. */
export const isUnexpected = (error: Error) => !(error instanceof Refusal || isMalformedJson(error))
