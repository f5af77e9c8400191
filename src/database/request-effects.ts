// The port of the control plane: how tests change the way a request is answered. The control plane implements it for each
// request (`control/effects`); where a deployment has none, requests have no `control` and nothing of this takes place.
import type { Clocked } from '../http/timestamp.ts'
import type { Batch } from './bound.ts'
import type { Companion, Guard } from './database.ts'

/** On whose behalf a request is made, as far as the control plane needs to know. */
export interface Caller {
  readonly clientId: string | undefined
  readonly userId: string | undefined
  /** Whether it may ask for faults with the header `Prefer`. */
  readonly mayPrefer: boolean
}

/** What is armed for the partition of one request, and its effects on that request. */
export interface RequestEffects extends Clocked {
  /**
   * Says which partition the request is about, as soon as that is known. From here on its clock counts, and the faults
   * that are armed for it take place.
   *
   * @param revision of what is armed, if the database was asked for it just now
   * @throws Interception with the answer that a fault gives in place of the handler's
   */
  enter(partition: string, caller: Caller, revision?: number): Promise<void>
  /**
   * What has to head every batch on `partition`: it fails the batch if the request goes by an outdated revision, or the
   * time of a tenant made on demand is over.
   */
  guardsFor(partition: string): readonly Guard[]
  /** What joins every batch that writes to `partition`: its rows are counted where its tenant may not have any number. */
  companionsFor(partition: string): readonly Companion[]
  /** The time by the clock of `partition`; without it, of the one that was entered. */
  now(partition?: string): ReturnType<Clocked['now']>
  /**
   * Says that a request is about to be refused because of the time `partition` has, before it was entered. The clock
   * may be out of date: the refusal is checked against the database's revision like an answer.
   */
  dependOnClock(partition: string): void
  /** The id of the user who is signed in at once at the entered partition, if the control plane has set one. */
  signsInAs(): string | undefined
  /** Has the request written to the journal of the entered partition, whether or not that is on. */
  keepInJournal(): void
}

/** What the control plane has with the batches of its own calls. */
export interface CallEffects {
  /** The id of the caller's key, for the log. */
  readonly key: string | undefined
  /** What has to head every batch on the main database: it fails the batch if the caller's key is revoked. */
  readonly guards: readonly Guard[]
  /**
   * What joins a batch that writes: its row in the audit table, where `inMain`, and as {@link RequestEffects.companionsFor}.
   * @param partition that the database was opened for; undefined for the main database itself
   */
  companionsFor(batch: Batch, partition: string | undefined, inMain: boolean): readonly Companion[]
}

/** Thrown where what is armed answers a request in place of its handler. */
export class Interception extends Error {
  readonly response: Response

  constructor(response: Response) {
    super('answered by what is armed for the tenant')
    this.response = response
  }
}
