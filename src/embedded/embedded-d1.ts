// A D1 binding with a cache of rows, a group commit, large changes in steps, postponed copies and postponed removals in front of the
// real one. It takes the place of the binding in `env`, so that no other code of the Worker depends on whether it is there.
import { listPostponed } from '../control/states/plant-postponed.ts'
import { listNotes } from '../control/states/steps/note.ts'
import { listEnded } from '../control/tenants/ended-tenants.ts'
import { type Batch, writes } from '../database/bound.ts'
import { type Connection, type Costs, Database, type Rows, send } from '../database/database.ts'
import { deadlineOf } from '../database/failure.ts'
import { databasesOf } from '../database/placement.ts'
import { MemoryOf } from '../http/isolate-memory.ts'
import { GroupCommit } from './group-commit.ts'
import { LargeChanges } from './large-changes.ts'
import { PostponedCopies } from './postponed-copies.ts'
import { PostponedRemovals } from './postponed-removals.ts'
import { type Access, RowCache } from './row-cache.ts'
import { type Pass, Stepper } from './steps.ts'
import { toldBy } from './told-rows.ts'

export class EmbeddedD1 implements D1Database, Connection {
  readonly #real: D1Database
  readonly #deadline: number | undefined
  readonly #stepper: Stepper
  readonly #commits: GroupCommit
  readonly #copies: PostponedCopies
  readonly #changes: LargeChanges
  readonly #removals: PostponedRemovals
  readonly rows = new RowCache()
  /** Whether it is known what a former run has left. */
  #isLoaded = false
  /** The newest bookmark of the database. It is right for cached rows too: they are those that it would return now. */
  bookmark: string | null = null

  /** @param deadline the longest that a round trip may take, in milliseconds */
  constructor(real: D1Database, deadline: number | undefined) {
    this.#real = real
    this.#deadline = deadline
    this.#stepper = new Stepper(real)
    this.#commits = new GroupCommit(deadline)
    this.#copies = new PostponedCopies(this.#stepper)
    this.#changes = new LargeChanges(
      this.#stepper,
      (partition) => this.rows.versionOf(partition) === undefined,
      (batch, pass) => this.#copies.through(batch, pass),
    )
    // Nobody sees what these remove: the cache has nothing of it, and keeps the rest.
    this.#removals = new PostponedRemovals(this.#stepper, (batch) =>
      this.#copies.through(batch, (whole) => send(this.#real, whole, undefined)),
    )
  }

  // Without a session the real binding is used, past the cache and the commits. That is safe for what no session reads, signing
  // keys and the control plane's own tables, and for reads; rows of postponed copies are made for these as well.
  execute = (batch: Batch, onCost: ((costs: Costs) => void) | undefined) =>
    this.#through(batch, (whole) => send(this.#real, whole, onCost))
  prepare = (sql: string) => this.#real.prepare(sql)
  batch = <Row>(statements: D1PreparedStatement[]) => this.#real.batch<Row>(statements)
  exec = (sql: string) => this.#real.exec(sql)
  dump = () => this.#real.dump()

  /** The constraint or bookmark to start from is ignored: without replicas every session sees the newest state. */
  withSession(): D1DatabaseSession & Connection {
    let opened: D1DatabaseSession | undefined
    // A real session is opened at the first batch that is not answered from the cache.
    const session = () => {
      opened ??= this.#real.withSession('first-primary')
      return opened
    }
    return {
      prepare: (sql) => session().prepare(sql),
      batch: (statements) => session().batch(statements),
      getBookmark: () => this.bookmark,
      execute: (batch, onCost) =>
        this.#through(batch, (whole) => this.#execute(whole, (joint) => this.#send(session(), joint, onCost))),
    }
  }

  async #load() {
    const database = new Database(this.#real, { deadline: this.#deadline })
    const [copies, ended, notes] = await database.batch(listPostponed(), listEnded(), listNotes())
    // Another request may have been first, and have gone on since.
    if (this.#isLoaded) return
    this.#isLoaded = true
    this.#copies.load(copies)
    this.#removals.load(ended)
    this.#changes.load(notes)
  }

  async #through(batch: Batch, pass: Pass): Promise<Rows> {
    if (!this.#isLoaded) await this.#load()
    this.#stepper.called()
    return this.#removals.through(batch, (visible) =>
      this.#copies.through(visible, (whole) => this.#changes.through(whole, pass)),
    )
  }

  #execute(batch: Batch, ask: (batch: Batch) => Promise<Rows>): Promise<Rows> {
    const access = accessOf(batch)
    return this.rows.through(access, () => (access.writes ? this.#commits.through(batch, ask) : ask(batch)))
  }

  async #send(session: D1DatabaseSession, batch: Batch, onCost: ((costs: Costs) => void) | undefined): Promise<Rows> {
    const rows = await send(session, batch, onCost)
    this.bookmark = session.getBookmark() ?? this.bookmark
    return rows
  }
}

function accessOf(batch: Batch): Access {
  if (!writes(batch)) return { writes: false, partition: partitionOf(batch), key: keyOf(batch) }
  return {
    writes: true,
    // Rows of a batch that writes are not cached: what its guards read makes nothing stale.
    partition: partitionOf(batch.filter((bound) => bound.writes)),
    tells: (rows) => toldBy(batch, rows).map((told) => ({ key: keyOf([told.read]), rows: [told.rows] })),
  }
}

/** Equal for batches of the same statements and values. */
const keyOf = (batch: Batch) => JSON.stringify(batch.map(({ number, values }) => [number, ...values]))

/** The one partition that all of the statements touch; undefined if there are several, or any. */
function partitionOf(batch: Batch): string | undefined {
  const [first] = batch
  return batch.every(({ partition }) => partition === first?.partition) ? first?.partition : undefined
}

const databases = new MemoryOf<D1Database, EmbeddedD1>('embeddedDatabases')
const bindings = new MemoryOf<Cloudflare.Env, Cloudflare.Env>('embeddedBindings')

/** `env` with an {@link EmbeddedD1} in place of each D1 binding. The same `env` gives the same object again. */
export const embed = (env: Cloudflare.Env): Cloudflare.Env =>
  bindings.getOrMake(env, () => {
    const deadline = deadlineOf(env)
    const embedded = databasesOf(env).map(({ name, d1 }) => [
      name,
      databases.getOrMake(d1, () => new EmbeddedD1(d1, deadline)),
    ])
    return { ...env, EMBEDDED: 'true', ...Object.fromEntries(embedded) }
  })
