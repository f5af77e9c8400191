// Answers of a tenant that are to go wrong.
import { type ControlClient, tenantPath, unlessAbsent } from './control-client.ts'
import { type OptionNames, requireKnown } from './known-options.ts'
import type { ArmedFault, FaultRule } from './wire.ts'

const RULE: OptionNames<FaultRule> = {
  operation: true,
  method: true,
  kind: true,
  status: true,
  body: true,
  headers: true,
  delay: true,
  times: true,
  probability: true,
  seed: true,
  ttl: true,
  limit: true,
}

/** A fault of a tenant. */
export interface Fault {
  readonly id: string
  /** How many requests it met so far; 0 too when it is gone. */
  hits(): Promise<number>
  /** Disarms it. Harmless when it is gone already. */
  remove(): Promise<void>
}

/** All faults of a tenant. */
export class Faults {
  readonly #control: ControlClient
  readonly #tenant: string

  constructor(control: ControlClient, tenant: string) {
    this.#control = control
    this.#tenant = tenant
  }

  /**
   * @throws TypeError for a property that no rule has
   * @throws ControlError (400) for a rule that says nothing a tenant can do, or names an operation that there is not
   */
  async arm(rule: FaultRule): Promise<Fault> {
    requireKnown('fault', rule, RULE)
    const { id } = await this.#control.call<ArmedFault>('POST', this.#path(), { body: rule })
    return {
      id,
      hits: async () => {
        const fault = await unlessAbsent(this.#control.call<ArmedFault>('GET', this.#path(id)))
        return fault?.hits ?? 0
      },
      remove: async () => {
        await unlessAbsent(this.#control.call('DELETE', this.#path(id)))
      },
    }
  }

  /** The faults that are armed, in the order in which they were. */
  async list(): Promise<ArmedFault[]> {
    const { results } = await this.#control.call<{ results: ArmedFault[] }>('GET', this.#path())
    return results
  }

  /** Disarms all of them. */
  clear(): Promise<void> {
    return this.#control.call('DELETE', this.#path())
  }

  readonly #path = (...id: readonly string[]) => tenantPath(this.#tenant, 'faults', ...id)
}
