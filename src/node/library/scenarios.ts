// States that a service can be in, as the faults that make them.
import type { FaultRule } from './fault-rule.ts'

const WRITES = ['POST', 'PUT', 'DELETE']

/** The token endpoint's refusal, in the real server's shape. */
const tokenError = (error: string) => ({ operation: 'Connect_Token', status: 400, body: { error } }) as const

/** By name: what `tenant.scenario` arms. */
export const SCENARIOS = {
  /** 429 with Retry-After beyond the real service's limits: 300 GET and 160 PUT in five minutes. */
  throttled: [{ kind: 'rateLimit' }],
  /** 503 with Retry-After to every request. */
  unavailable: [{ status: 503, headers: { 'Retry-After': '2' } }],
  /** 503 with Retry-After to every POST, PUT and DELETE, token requests among them. */
  'read-only': WRITES.map((method) => ({ method, status: 503, headers: { 'Retry-After': '2' } })),
  /** One request in five goes wrong, always the same ones. */
  flaky: [{ status: 500, probability: 0.2, seed: 1 }],
  /** Between half a second and two until an answer. */
  slow: [{ delay: { min: 500, max: 2000 } }],
  /** No answer: the connection is closed. */
  unreachable: [{ kind: 'drop' }],
  /** The token endpoint refuses the scopes that are asked for. */
  'invalid-scope': [tokenError('invalid_scope')],
  /** The token endpoint refuses the client, as after its secret was changed. */
  'invalid-client': [tokenError('invalid_client')],
} as const satisfies Record<string, readonly FaultRule[]>

/**
 * The name of a scenario: a state that a service can be in.
 *
 * @example
 * ```ts
 * const scenario: Scenario = 'throttled'
 * await tenant.scenario(scenario)
 * ```
 */
export type Scenario = keyof typeof SCENARIOS
