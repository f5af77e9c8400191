// A variable of the Worker stands in src/env.d.ts, in src/node/config/variables.ts, which the compiler holds to it, and in docs/operations.md.
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { SERVE_HELP as USAGE } from '../../src/node/cli/help.ts'
import { readRunConfig } from '../../src/node/config/run-config.ts'
import { VARIABLES } from '../../src/node/config/variables.ts'

const names = Object.keys(VARIABLES)

it.each(names)('%s is handed on, stands in the help and has a row in docs/operations.md', async (name) => {
  expect(readRunConfig({ [name]: 'set' }, 'state').variables).toMatchObject({ [name]: 'set' })
  expect(USAGE).toMatch(new RegExp(`^  ${name} +\\S`, 'm'))
  expect(await readFile('docs/operations.md', 'utf8')).toMatch(new RegExp(`^\\| \`${name}\``, 'm'))
})

it('an empty one is none, but for CORS_ORIGINS, where it lets no origin in', () => {
  const { variables } = readRunConfig(Object.fromEntries(names.map((name) => [name, ''])), 'state')

  expect(variables).toEqual({ CORS_ORIGINS: '' })
})
