// Notes of changes of a partition that are made in steps. A note is a row of `snapshots` under a name that no snapshot has, and
// says whose steps they are: if these were cut off and others go on, no step of the former takes place any more.
import { and, eq, or, sql } from 'drizzle-orm'
import { failUnless, isAbortedBy } from '../../../database/abort.ts'
import { type Batch, type Bound, bind, type NewPartition, type State } from '../../../database/bound.ts'
import type { Guard } from '../../../database/database.ts'
import { deleteFrom, insertInto, select, update } from '../../../database/query-builder.ts'
import { type Slots, statement } from '../../../database/statement.ts'
import { literal } from '../../../documents/entry-list.ts'
import { clearsOf } from '../../../documents/plant-entries.ts'
import { snapshots, tenants } from '../../control.table.ts'
import { LISTS } from '../sections.ts'
import { CAPTURING } from '../snapshot-parts.ts'
import { hasMoreThan } from './rows.ts'

/** The name of the note that a snapshot is being restored, which has the snapshot's name as its `section`. */
export const RESTORING = ' restoring'

/** The name of the note that a snapshot is taken and its parts are being given its name, which the note has as its `section`. */
export const NAMING = ' naming'

/** The name of a note. That of a snapshot that is being taken is the name of its parts, and has no `section`. */
type Kind = typeof RESTORING | typeof NAMING | typeof CAPTURING

export interface Note {
  readonly partition: string
  readonly kind: Kind
  /** Of the snapshot that is restored or named; empty for one that is taken. */
  readonly section: string
  /** Whose steps they are. */
  readonly token: string
}

const touches = { touches: 'partition' } as const

type NoteSlots = Slots<{ partition: string; kind: string; section: string; token: string }>

const insertNote = statement(
  (v: NoteSlots) =>
    insertInto(snapshots).values({
      ...{ partitionId: v.partition, name: v.kind, section: v.section, entries: v.token },
      ...{ part: sql`0`, count: sql`0`, createdAt: sql`0` },
    }),
  touches,
)

export const noteSteps = (note: Note): Bound<unknown> => bind(insertNote, { ...note })

const isNote = (v: Pick<NoteSlots, 'partition' | 'kind' | 'section'>) =>
  and(eq(snapshots.partitionId, v.partition), eq(snapshots.name, v.kind), eq(snapshots.section, v.section))

const takeNote = statement(
  (v: NoteSlots) =>
    update(snapshots)
      .set({ entries: sql`${v.token}` })
      .where(isNote(v))
      .returning({ part: snapshots.part }),
  touches,
)

/** The statement by which others' steps become those of `token`. It returns no row if there are none. */
export const takeSteps = (note: Note) => bind(takeNote, { ...note })

const deleteNote = statement((v: Slots<Omit<Note, 'token'>>) => deleteFrom(snapshots).where(isNote(v)), touches)

export const forgetSteps = ({ partition, kind, section }: Note): Bound<unknown> =>
  bind(deleteNote, { partition, kind, section })

const TAKEN = 'others have gone on with the steps'

const checkNote = statement<{ partition: string; kind: string; section: string; token: string }, { own: number }>(
  (v, row) => sql`
    select ${row({
      own: failUnless(
        sql`exists (select 1 from ${snapshots} where ${isNote(v)} and ${snapshots.entries} = ${v.token})`,
        TAKEN,
      ),
    })}`,
  touches,
)

/** Fails a step once others have gone on. */
export const requireNote = (note: Note): Guard => ({
  statement: bind(checkNote, { ...note }),
  explain: (error) => error,
})

const selectNotes = statement((_: Slots<object>) =>
  select({ partition: snapshots.partitionId, kind: snapshots.name, section: snapshots.section })
    .from(snapshots)
    .where(
      or(
        eq(snapshots.name, literal(RESTORING)),
        eq(snapshots.name, literal(NAMING)),
        and(eq(snapshots.name, literal(CAPTURING)), eq(snapshots.section, literal(''))),
      ),
    ),
)

/** A row of {@link listNotes}. */
export interface Listed {
  readonly partition: string
  readonly kind: string
  readonly section: string
}

/** The statement that lists the notes of a database. */
export const listNotes = () => bind(selectNotes, {})

export const isKind = (name: string): name is Kind => name === RESTORING || name === NAMING || name === CAPTURING

/** A partition with more rows of a table is large, and so is one that is planted from longer parts. In characters. */
const MAX_ROWS = 500
const MAX_LENGTH = 125_000

const TOO_LARGE = 'the change is made in steps'

// Where rows count against limits, a change is one batch, of which they are counted.
const checkSize = statement<State & { length: number }, { small: number }>((v, row) => {
  const more = LISTS.flatMap(clearsOf).map((table) => hasMoreThan(MAX_ROWS, table, sql`${v.partition}`))
  const length = sql`(select total(length(${snapshots.entries})) from ${snapshots}
    where ${snapshots.partitionId} = ${v.partition} and ${snapshots.name} = ${v.name})`
  return sql`
    select ${row({
      small: failUnless(
        sql`exists (select 1 from ${tenants} where ${tenants.partitionId} = ${v.partition} and ${tenants.maxRows} is not null)
          or not (${sql.join([...more, sql`${length} + ${v.length} > ${literal(MAX_LENGTH)}`], sql` or `)})`,
        TOO_LARGE,
      ),
    })}`
}, touches)

/**
 * The statement that fails a batch which changes more than one transaction should.
 * @param parts what is to be stored as the state
 */
export const requireSmall = ({ partition, name }: State, parts: Batch = []): Bound<unknown> =>
  bind(checkSize, { partition, name, length: lengthOf(parts) })

/** Whether a batch failed because of {@link requireSmall}. */
export const isTooLarge = (error: unknown) => isAbortedBy(error, TOO_LARGE)

/** Whether a new partition is made of more than one transaction should plant. */
export const isLarge = ({ parts }: NewPartition): boolean => lengthOf(parts) > MAX_LENGTH

const lengthOf = (parts: Batch) =>
  parts.flatMap(({ values }) => values).reduce<number>((sum, value) => sum + `${value}`.length, 0)
