// Changes of all that a partition has. One transaction for a large one would hold up every other request until it ends: a
// connection that sees every call makes it in steps (src/embedded/large-changes.ts). In a deployment it is one batch.
import type { Bound, LargeChange } from '../../database/bound.ts'

/** A statement as one of those that make the change: a connection may make it in steps in their place. */
export const partOf =
  (change: LargeChange) =>
  <Row>(bound: Bound<Row>): Bound<Row> => ({ ...bound, change })
