// Somebody to be measured: how its process is started, and what can be asked of it.
import type { Call, Operation } from './operations.ts'

export interface Contender {
  name: string
  /** `floor`: what the same runtime and database take at least. `peer`: somebody else's mock server. */
  kind: 'tenant' | 'floor' | 'peer'
  /** What Node is to run so that it serves on 127.0.0.1:`port`. Files it needs go into `directory`. */
  command(port: number, directory: string): Promise<Command>
  /** How to call each operation it has, at its origin. Asked anew before every load, as tokens expire. */
  calls: Partial<Record<Operation, (origin: string) => Promise<Call>>>
}

export interface Command {
  args: string[]
  env?: Record<string, string>
}
