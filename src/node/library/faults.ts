// Arming and disarming the faults of a tenant.
import { type ControlClient, tenantPath, undefinedIfAbsent } from './control-client.ts'
import type { ArmedFault, FaultRule } from './fault-rule.ts'
import { type OptionNames, requireKnown } from './known-options.ts'

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

/**
 * A fault that `fault` or `faults.arm` has armed.
 *
 * @example
 * ```ts
 * const fault: Fault = await tenant.fault({ status: 503 })
 * console.log(await fault.hits())
 * await fault.remove()
 * ```
 */
export interface Fault {
  /** The fault's id. */
  readonly id: string
  /**
   * The number of requests it has matched so far; 0 when it was removed.
   *
   * @example
   * ```ts
   * const fault = await tenant.fault({ operation: 'Group_UpdateGroup', status: 503, times: 1 })
   * console.log(await fault.hits()) // 0
   * ```
   */
  hits(): Promise<number>
  /**
   * Disarms it. Does nothing when it was removed already.
   *
   * @example
   * ```ts
   * const fault = await tenant.fault({ kind: 'drop' })
   * await fault.remove()
   * ```
   */
  remove(): Promise<void>
}

/**
 * The faults of one tenant: `tenant.faults`. Every method throws a `ControlError` when the tenant no longer exists (404).
 *
 * @example
 * ```ts
 * await tenant.faults.arm({ kind: 'rateLimit', limit: 10 })
 * await tenant.faults.clear()
 * ```
 */
export class Faults {
  readonly #control: ControlClient
  readonly #tenant: string

  /** A tenant has its faults in `tenant.faults`. */
  constructor(control: ControlClient, tenant: string) {
    this.#control = control
    this.#tenant = tenant
  }

  /**
   * Arms a fault: from the next request on, those that match `rule` go wrong. Faults apply in the order in which they were
   * armed.
   *
   * @example
   * ```ts
   * const fault = await tenant.faults.arm({ operation: 'Setting_UpdateSettings', status: 503, times: 1 })
   * ```
   * @throws TypeError for an unknown property
   * @throws ControlError (400) for an unknown operation or method, or a rule that does nothing or contradicts itself
   */
  async arm(rule: FaultRule): Promise<Fault> {
    requireKnown('fault', rule, RULE)
    const { id } = await this.#control.call<ArmedFault>('POST', this.#path(), { body: rule })
    return {
      id,
      hits: async () => {
        const fault = await undefinedIfAbsent(this.#control.call<ArmedFault>('GET', this.#path(id)))
        return fault?.hits ?? 0
      },
      remove: async () => {
        await undefinedIfAbsent(this.#control.call('DELETE', this.#path(id)))
      },
    }
  }

  /**
   * The faults that are armed, in the order in which they were armed.
   *
   * @example
   * ```ts
   * const hits = (await tenant.faults.list()).map(({ hits }) => hits)
   * ```
   */
  async list(): Promise<ArmedFault[]> {
    const { results } = await this.#control.call<{ results: ArmedFault[] }>('GET', this.#path())
    return results
  }

  /**
   * Disarms all faults of the tenant.
   *
   * @example
   * ```ts
   * await tenant.faults.clear()
   * ```
   */
  clear(): Promise<void> {
    return this.#control.call('DELETE', this.#path())
  }

  readonly #path = (...id: readonly string[]) => tenantPath(this.#tenant, 'faults', ...id)
}
