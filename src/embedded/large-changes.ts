// Makes large changes of a partition in steps, each a transaction of its own, between the requests of others: a tenant of a large
// document, a restore, a snapshot; and reads a large one for a dump. Whoever needs rows of the partition meanwhile waits, so that
// nobody sees a part of it. Right only where every batch passes through here: in one isolate that alone uses its database.
import { CAPTURING } from '../control/states/snapshot-parts.ts'
import { captureInSteps, nameInSteps } from '../control/states/steps/capture.ts'
import {
  forgetSteps,
  isLarge,
  isTooLarge,
  type Listed,
  NAMING,
  type Note,
  noteSteps,
  RESTORING,
  requireNote,
  requireSmall,
} from '../control/states/steps/note.ts'
import { readInSteps } from '../control/states/steps/read.ts'
import { finishSteps, restoreInSteps } from '../control/states/steps/restore.ts'
import { insertHidden, keepInSteps, makeInSteps, reveal, tryOut, unmake } from '../control/tenants/make-in-steps.ts'
import type { Batch, Bound, CapturedState, LoadedPartition, NewPartition, State } from '../database/bound.ts'
import type { Database, Rows } from '../database/database.ts'
import { effectOf } from '../database/failure.ts'
import { readAnew, withMoment } from './moment.ts'
import { type Pass, type Stepper, stepEnd, waitForSteps } from './steps.ts'
import { isConcerned } from './touched-partitions.ts'

/** Steps that are under way in a partition, or were cut off. */
interface Steps {
  /** Until when they count as under way. In milliseconds since the epoch. */
  until: number
}

export class LargeChanges {
  readonly #stepper: Stepper
  readonly #isBeingWritten: (partition: string) => boolean
  readonly #accompany: (batch: Batch, pass: Pass) => Promise<Rows>
  /** By their partition, in lower case. */
  readonly #steps = new Map<string, Steps>()

  /**
   * @param isBeingWritten whether a batch that writes to the partition has been passed on and has not ended
   * @param accompany runs a batch behind making the rows of copies whose source it changes
   */
  constructor(
    stepper: Stepper,
    isBeingWritten: (partition: string) => boolean,
    accompany: (batch: Batch, pass: Pass) => Promise<Rows>,
  ) {
    this.#stepper = stepper
    this.#isBeingWritten = isBeingWritten
    this.#accompany = accompany
  }

  /** Takes what a former run has left, before the first batch. */
  load(notes: readonly Listed[]) {
    for (const { partition } of notes) this.#steps.set(partition.toLowerCase(), { until: 0 })
  }

  /** Runs a batch by `pass`, in one transaction, or in several where it has a large change in it. */
  through(batch: Batch, pass: Pass): Promise<Rows> {
    const isIdle = this.#steps.size === 0 && !batch.some(({ change }) => change)
    return isIdle ? pass(batch) : this.#run(batch, pass)
  }

  async #run(batch: Batch, pass: Pass): Promise<Rows> {
    await this.#clearWay(batch, pass)
    const change = batch.find(({ change }) => change)?.change
    if (!change) return pass(batch)
    if (change.is === 'made') return isLarge(change) ? this.#make(change, batch, pass) : pass(batch)
    try {
      // Small ones, as nearly all are, take place at once.
      return (await pass([requireSmall(change.of, change.is === 'loaded' ? change.parts : []), ...batch])).slice(1)
    } catch (error) {
      if (!isTooLarge(error)) throw error
    }
    await this.#clearWay(batch, pass)
    if (change.is === 'loaded') return this.#load(change, batch, pass)
    if (change.is === 'read') return this.#read(change.of, batch, pass)
    return change.is === 'restored' ? this.#restore(change.of, batch, pass) : this.#capture(change.of, batch, pass)
  }

  /** Resolves when no steps are under way that concern a batch. */
  async #clearWay(batch: Batch, pass: Pass): Promise<void> {
    const inTheWay = () => [...this.#steps.keys()].find((id) => isConcerned(id, batch))
    for (let id = inTheWay(); id !== undefined; id = inTheWay()) await this.#letPass(id, pass)
  }

  /** Waits a moment for steps that are in the way, or makes good what was cut off. */
  async #letPass(id: string, pass: Pass): Promise<void> {
    const before = this.#steps.get(id)
    if (!before) return
    if (before.until > Date.now()) return waitForSteps()
    await this.#during(id, { until: stepEnd() }, pass, (database) => finishSteps(database, id))
  }

  /** Makes steps in a partition, which others wait for. If one fails, whoever comes next makes them good. */
  async #during<Result>(
    id: string,
    steps: Steps,
    pass: Pass,
    make: (database: Database) => Promise<Result>,
  ): Promise<Result> {
    this.#steps.set(id, steps)
    try {
      const made = await make(this.#stepsOf(pass, steps))
      if (this.#steps.get(id) === steps) this.#steps.delete(id)
      return made
    } catch (error) {
      steps.until = 0
      throw error
    }
  }

  /** A database in which each batch is a step. */
  #stepsOf(pass: Pass, steps: { until: number }): Database {
    return this.#stepper.open(pass, (end) => {
      steps.until = end
    })
  }

  async #make(change: NewPartition, batch: Batch, pass: Pass): Promise<Rows> {
    const database = this.#stepsOf(pass, { until: 0 })
    await database.batch(...insertHidden(change))
    try {
      await makeInSteps(database, change)
    } catch (error) {
      await unmake(database, change.of.partition)
      throw error
    }
    try {
      return await withMoment(batch, reveal(change), pass)
    } catch (error) {
      if (effectOf(error, true) === 'none') await unmake(database, change.of.partition)
      throw error
    }
  }

  /** The note of the restore takes place with the rest of its batch: from then on it will have been made. */
  async #restore({ partition, name }: State, batch: Batch, pass: Pass): Promise<Rows> {
    const note: Note = { partition, kind: RESTORING, section: name, token: crypto.randomUUID() }
    return this.#during(partition.toLowerCase(), { until: stepEnd() }, pass, async (database) => {
      await this.#writesOf(partition)
      // A copy may have been noted until others had to wait.
      const rows = await withMoment(batch, [noteSteps(note)], (whole) => this.#accompany(whole, pass))
      const lack = await restoreInSteps(database, note)
      const last = batch.findLastIndex(({ change }) => change)
      return rows.with(last, lack)
    })
  }

  /** When all of the snapshot is there, its name is noted with the rest of its batch: from then on it will have been taken. */
  async #capture({ partition, name, at }: CapturedState, batch: Batch, pass: Pass): Promise<Rows> {
    const note: Note = { partition, kind: CAPTURING, section: '', token: crypto.randomUUID() }
    return this.#during(partition.toLowerCase(), { until: stepEnd() }, pass, async (database) => {
      await this.#writesOf(partition)
      await database.batch(noteSteps(note))
      await captureInSteps(database.guardedBy(requireNote(note)), { partition, name: CAPTURING, at })
      const naming: Note = { ...note, kind: NAMING, section: name }
      const moment = [requireNote(note).statement, forgetSteps(note), noteSteps(naming)]
      const rows = await withMoment(batch, moment, pass)
      await nameInSteps(database, naming)
      return readAnew(batch, rows, pass)
    })
  }

  /**
   * A document that contradicts itself fails in a tenant that nobody sees. Then its parts are stored, and a restore of these is noted
   * with the rest of its batch and made after it. If the batch is refused, whoever comes next removes the parts.
   */
  async #load(change: LoadedPartition, batch: Batch, pass: Pass): Promise<Rows> {
    const { partition } = change.of
    await tryOut(this.#stepsOf(pass, { until: 0 }), change)
    const note: Note = { partition, kind: CAPTURING, section: '', token: crypto.randomUUID() }
    return this.#during(partition.toLowerCase(), { until: stepEnd() }, pass, async (database) => {
      await this.#writesOf(partition)
      // A copy may have been noted until others had to wait.
      await this.#accompany([noteSteps(note)], pass)
      await keepInSteps(database.guardedBy(requireNote(note)), change.parts)
      const restoring: Note = { ...note, kind: RESTORING, section: CAPTURING }
      const moment = [requireNote(note).statement, forgetSteps(note), noteSteps(restoring)]
      const rows = await withMoment(batch, moment, pass)
      await restoreInSteps(database, restoring)
      return rows
    })
  }

  /** As the partition is at one moment: nobody writes to it meanwhile. */
  async #read({ partition }: State, batch: Batch, pass: Pass): Promise<Rows> {
    return this.#during(partition.toLowerCase(), { until: stepEnd() }, pass, async (database) => {
      await this.#writesOf(partition)
      const rows = await withMoment(batch, [], pass)
      const read = await readInSteps(database, partition, new Set(batch.flatMap(listOf)))
      return batch.map((bound, index) => {
        const [list] = listOf(bound)
        return (list === undefined ? rows[index] : read.get(list)) ?? []
      })
    })
  }

  /** Waits for what was written to a partition before others had to wait. */
  async #writesOf(partition: string): Promise<void> {
    const longest = stepEnd()
    while (this.#isBeingWritten(partition.toLowerCase()) && Date.now() < longest) await waitForSteps()
  }
}

/** The list that a statement reads, if it is a reading. */
const listOf = ({ change }: Bound<unknown>) => (change?.is === 'read' ? [change.list] : [])
