// The cost of an isolated test as docs/speed.md shows it.
import { machine, table } from '../prose.ts'
import type { Isolated } from '../results.ts'
import type { Writes } from './run.ts'
import { floor } from './subjects.ts'

export function reportIsolatedTests({ rows, writes, ...conditions }: Isolated): string[] {
  const least = rows.find(({ name }) => name === floor.name)?.test ?? Number.NaN
  return [
    `What one isolated test costs, as \`npm run bench -- test\` finds it: a tenant of its own, a token, a write, a read and the ` +
      `end, each call after the other, and 200 tests at once. Data is on tmpfs where there is one. The floor is the same five ` +
      `calls to a Worker with a statement each and one RS256 signature. ${machine(conditions)} ${conditions.rounds} rounds, ` +
      'in which all take turns; medians, and the least and the most of the rounds.',
    table(
      ['', 'one test, ms', 'rounds, ms', '× floor', '200 at once, ms'],
      rows.map(({ name, test, spread: [from, to], together }) => [
        name,
        test.toFixed(2),
        `${from.toFixed(2)} to ${to.toFixed(2)}`,
        (test / least).toFixed(2),
        together === null ? '–' : together.toFixed(0),
      ]),
    ),
    ...(writes ? [reportWrites(writes)] : []),
  ]
}

const reportWrites = ({ tenant, bare, ratio, spread: [from, to] }: Writes) =>
  `At one connection a PUT Setting takes ${tenant.toFixed(2)} ms, and ${bare.toFixed(2)} ms an insert into a Durable Object ` +
  `that has no more than HTTP around it: ${ratio.toFixed(2)} × its rate, ${from.toFixed(2)} to ${to.toFixed(2)} in the rounds.`
