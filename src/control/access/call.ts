// One call of the control plane: who makes it, which tenant it is about, and the row that it leaves in the audit table.
import { isAbortedBy } from '../../database/abort.ts'
import type { Batch } from '../../database/bound.ts'
import { type Companion, Database, type Guard, type Rows } from '../../database/database.ts'
import type { CallEffects } from '../../database/request-effects.ts'
import type { AppEnv } from '../../database/session.ts'
import { foldId, isGuid } from '../../http/identifier.ts'
import { ControlProblem } from '../problem.ts'
import { ANONYMOUS_LOG, type AuditedCall, correctAudit, insertAudit } from './audit.queries.ts'
import type { ControlCaller } from './caller.ts'
import { REVOKED, requireKey } from './key.queries.ts'
import { meter } from './meter.ts'

/** The context of the control plane's handlers. */
export interface ControlEnv {
  Bindings: AppEnv['Bindings']
  Variables: AppEnv['Variables'] & { call: ControlCall }
}

export const UNKNOWN_CALLER = 'The control token or key is missing, wrong, expired or revoked.'

/** The tenant that a call is about. */
interface CalledTenant {
  readonly id: string
  readonly name: string
  readonly team: string | null
  readonly maxRows: number | null
}

/** What is known of a call from the beginning. */
interface Begun extends Pick<AuditedCall, 'method' | 'ray'> {
  /** The name of the operation that it was routed to. */
  operation(): string | undefined
  /** The status of a successful answer. */
  success(): number
  /** The tenant that its path names. */
  readonly requested: string | undefined
}

export class ControlCall implements CallEffects {
  readonly #env: Cloudflare.Env
  readonly #begun: Begun
  readonly #at = Date.now()
  #caller: ControlCaller | undefined
  #isConfirmed = false
  #forget: () => void = () => {}
  tenant: CalledTenant | undefined
  /** The id of the key that it makes or revokes. */
  subject: string | null = null
  /** The row that a batch of this call has written, with the status that it expected. */
  #written: { readonly seq: number | undefined; readonly status: number } | undefined

  constructor(env: Cloudflare.Env, begun: Begun) {
    this.#env = env
    this.#begun = begun
  }

  /** @param forget called when the caller's key turns out to be revoked */
  authenticated(caller: ControlCaller, forget: () => void) {
    this.#caller = caller
    this.#forget = forget
  }

  /** Whether a batch of this call has written its row. */
  get isAudited(): boolean {
    return this.#written !== undefined
  }

  /** Whether the database has said, since this call came, that the caller's key is not revoked. */
  get isConfirmed(): boolean {
    return this.#isConfirmed || this.#caller?.kind === 'root'
  }

  get isAnonymous(): boolean {
    return this.#caller === undefined
  }

  /** @throws ControlProblem 401 before the caller is known */
  get caller(): ControlCaller {
    if (this.#caller === undefined) throw new ControlProblem(401, UNKNOWN_CALLER)
    return this.#caller
  }

  get key(): string | undefined {
    return this.#caller?.id
  }

  get guards(): readonly Guard[] {
    if (this.#caller === undefined || this.#caller.kind === 'root') return []
    const explain = (error: unknown) => {
      if (!isAbortedBy(error, REVOKED)) return error
      this.#forget()
      return new ControlProblem(401, UNKNOWN_CALLER)
    }
    const passed = () => {
      this.#isConfirmed = true
    }
    return [{ statement: requireKey(this.#caller.id), explain, passed }]
  }

  companionsFor(batch: Batch, partition: string | undefined, inMain: boolean): readonly Companion[] {
    const { tenant } = this
    const isCounted = partition !== undefined && tenant?.id === partition && tenant.maxRows !== null
    return [
      ...(isCounted ? [meter(this.#env, foldId(partition))] : []),
      ...(inMain && this.#written === undefined ? [this.#auditing(batch)] : []),
    ]
  }

  /** Writes the row of this call with the first batch that changes anything: nothing is done that has no row. */
  #auditing(batch: Batch): Companion {
    const status = this.#begun.success()
    const touched = batch.find(({ partition }) => partition !== undefined)?.partition
    return {
      before: [],
      // Rows of the audit table are in no partition: whatever they are about, only the batch's own partition changes.
      after: insertAudit(this.#row(status, touched)).map((bound) => ({ ...bound, partition: touched })),
      explain: (error) => error,
      passed: (rows) => {
        this.#written = { seq: seqOf(rows), status }
      },
    }
  }

  #row(status: number, touched?: string): AuditedCall {
    const { method, ray, requested } = this.#begun
    const { tenant } = this
    const named = requested !== undefined && isGuid(requested) ? requested : ''
    return {
      ...{ at: this.#at, method, ray, status, operation: this.#begun.operation() ?? null, team: this.#log },
      ...{ subject: this.subject },
      ...{ tenant: foldId(tenant?.id ?? touched ?? named), tenantName: tenant?.name ?? null, key: this.key ?? null },
    }
  }

  /** A team finds in its log what others did to its tenants, too. */
  get #log(): string {
    if (this.#caller === undefined) return ANONYMOUS_LOG
    return this.tenant?.team ?? this.#caller.log
  }

  /** Writes the row of a call that wrote none itself, or how it ended, if that is not as it expected. */
  async audit(status: number): Promise<void> {
    const main = new Database(this.#env.DB)
    if (this.#written === undefined) await main.batch(...insertAudit(this.#row(status)))
    else if (this.#written.seq !== undefined && this.#written.status !== status) {
      await correctAudit(main, this.#written.seq, status)
    }
  }
}

function seqOf(rows: Rows): number | undefined {
  const row = rows[0]?.[0]
  return typeof row === 'object' && row !== null && 'seq' in row && typeof row.seq === 'number' ? row.seq : undefined
}
