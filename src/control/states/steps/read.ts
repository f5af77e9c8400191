// Reads all that a partition has in steps. Nobody may change it meanwhile.
import { type Bound, bind } from '../../../database/bound.ts'
import type { Database } from '../../../database/database.ts'
import { ownSettingList } from '../../../settings/setting.section.ts'
import type { SnapshotPart } from '../document.ts'
import { ofAccounts, others, type Step, stepsThrough } from '../large-copies.ts'
import { readerOf } from '../snapshot-parts.ts'

const accountReaders = ofAccounts.map(({ list, within }) => ({ name: list.name, reader: readerOf<Step>(list, within) }))
const otherReaders = [...others, ownSettingList].map((list) => ({ name: list.name, reader: readerOf(list) }))

/** The parts of the lists, by the name of the list. */
export async function readInSteps(
  database: Database,
  partition: string,
  lists: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly SnapshotPart[]>> {
  const parts: SnapshotPart[] = []
  const add = async (wanted: readonly Bound<SnapshotPart>[]) => {
    if (wanted.length > 0) parts.push(...(await database.batch(...wanted)).flat())
  }
  const ofLists = <Reader extends { name: string }>(readers: readonly Reader[]) =>
    readers.filter(({ name }) => lists.has(name))
  for (const step of await stepsThrough(database, partition)) {
    await add(ofLists(accountReaders).map(({ reader }) => bind(reader, { partition, ...step })))
  }
  for (const { reader } of ofLists(otherReaders)) await add([bind(reader, { partition })])
  return Map.groupBy(parts, ({ section }) => section)
}
