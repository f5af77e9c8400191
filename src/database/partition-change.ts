// What statements say of the change of a partition that they are part of, to a connection that can make it at another time.
import type { Batch, Bound } from './database.ts'

/** A copy of a partition. A connection that can make its rows before anybody needs them may send the note in their place. */
export interface PartitionCopy {
  readonly source: string
  readonly partition: string
  /** Notes in the database that the rows are still to be made. It returns how many accounts they are of. */
  readonly note: Bound<{ size: number }>
}

/** A change of all that a partition has. In steps it takes place with the other statements of its batch, in their transaction. */
export type LargeChange =
  | NewPartition
  | { readonly is: 'restored'; readonly of: State }
  | { readonly is: 'captured'; readonly of: CapturedState }

/** A state of a partition that is kept under a name. */
export interface State {
  readonly partition: string
  readonly name: string
}

export interface CapturedState extends State {
  /** When it is taken. Milliseconds since the epoch. */
  readonly at: number
}

/** A partition that is made of a state. Until that is done, its time counts as over. */
export interface NewPartition {
  readonly is: 'made'
  readonly of: CapturedState
  readonly name: string
  readonly expiresAt: number | null
  /** They insert the partition itself, and say that it is kept until then. */
  readonly own: Batch
  /** They store the state that it is made of. */
  readonly parts: Batch
}
