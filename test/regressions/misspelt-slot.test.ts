// A misspelt or forgotten value of a statement was bound as NULL, which matches nothing or empties a column.
import { describe, expect, test } from 'vitest'
import { bind } from '../../src/database/bound.ts'
import type { Statement } from '../../src/database/statement.ts'
import { selectGroup, selectMembers } from '../../src/groups/group.queries.ts'
import { selectOwn, upsertOwn } from '../../src/settings/setting.queries.ts'

const STATEMENTS = { selectGroup, selectMembers, selectOwn, upsertOwn }

describe.each(Object.entries(STATEMENTS))('%s', (_, statement: Statement<never, unknown>) => {
  const names = [...new Set(statement.parameters.map(({ name }) => name))]
  const values = Object.fromEntries(names.map((name) => [name, 'given']))
  // As if the compiler had let it through.
  const bound = (given: Record<string, string>) => bind({ ...untyped(statement) }, given)

  test('takes all of its values', () => {
    expect(bound(values).values).toEqual(names.map(() => 'given'))
  })

  test.each(names)('does not go without %s', (name) => {
    const { [name]: value = '', ...others } = values
    expect(() => bound(others)).toThrow(`no value for ${name}`)
    expect(() => bound({ ...others, [`${name}s`]: value })).toThrow(`no value for ${name}`)
  })
})

/** The statement without the names of its values. */
function untyped({
  sql,
  number,
  parameters,
  writes,
}: Statement<never, unknown>): Statement<Record<string, string>, never> {
  return { sql, number, parameters, writes, touches: undefined, ownSettings: false, decode: undefined }
}
