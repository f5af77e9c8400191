// Where a tests' own plane has its say while a request is answered. Without one, nothing of it is there.
import type { Instant } from '../http/timestamp.ts'
import type { Guard } from './database.ts'

/** For whom a request is made, as far as that matters here. */
export interface Caller {
  readonly clientId: string | undefined
  readonly userId: string | undefined
  /** May ask for faults with `Prefer`. */
  readonly mayPrefer: boolean
}

/** What is armed for the tenant of one request, and what that does to it. */
export interface TenantControl {
  /**
   * The request is about `partition`: what is armed for that takes effect from here on.
   * @param revision what the database has just told to be the revision of what is armed, if it was asked
   * @throws an `Interception` that carries the answer to give instead
   */
  enter(partition: string, caller: Caller, revision?: number): Promise<void>
  /** Fails a batch if what is armed for `partition` is not what this request goes by. */
  guardFor(partition: string): Guard | undefined
  /** Now, for the partition that was entered, or the one that is named. */
  now(partition?: string): Instant
  /** The request is refused over what `partition` has for a clock. */
  depend(partition: string): void
}

/** Thrown where a request is answered by what is armed for its tenant instead. */
export class Interception extends Error {
  readonly response: Response

  constructor(response: Response) {
    super('answered by what is armed for the tenant')
    this.response = response
  }
}
