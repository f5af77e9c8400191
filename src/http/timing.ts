// What a request spent its time on, told on request: `Prefer: timing` (RFC 7240) is answered with Server-Timing.
import type { MiddlewareHandler } from 'hono'

/** Sums durations by name. The platform's clock stands still while code runs, so only waiting counts. */
export class Timing {
  readonly #began = performance.now()
  readonly #spent = new Map<string, number>()

  /** @param milliseconds more of `name` */
  add(name: string, milliseconds: number) {
    this.#spent.set(name, (this.#spent.get(name) ?? 0) + milliseconds)
  }

  /** The value of a Server-Timing header. */
  toString(): string {
    return [...this.#spent, ['total', performance.now() - this.#began] as const]
      .map(([name, milliseconds]) => `${name};dur=${milliseconds.toFixed(1)}`)
      .join(', ')
  }
}

const ASKED = /(?:^|[\s,;])timing(?:$|[\s,;])/i

/** Measures requests that prefer it; leaves the others alone. */
export const timing: MiddlewareHandler<{ Variables: { timing?: Timing } }> = async (c, next) => {
  const prefer = c.req.header('Prefer')
  if (prefer === undefined || !ASKED.test(prefer)) return next()
  const measured = new Timing()
  c.set('timing', measured)
  await next()
  c.header('Server-Timing', String(measured))
  c.header('Preference-Applied', 'timing', { append: true })
}
