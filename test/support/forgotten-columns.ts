// Which columns of a table a tenant's document would lose.
import { getTableColumns } from 'drizzle-orm'
import type { Listed } from '../../src/documents/entry-list.ts'

/** Columns that are neither in the entries nor left out by name; and names, in either, of columns that there are not. */
export function forgottenColumns({ table, except, columns }: Listed): string[] {
  const named = [...except.keys(), ...columns.map(({ key }) => key)]
  const all = Object.keys(getTableColumns(table))
  return [...all.filter((key) => !named.includes(key)), ...named.filter((key) => !all.includes(key))]
}
