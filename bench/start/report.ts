// How long starts take, as docs/speed.md shows it.
import { machine, table } from '../prose.ts'
import type { Started } from '../results.ts'

export function reportStartRows({ rows, ...conditions }: Started): string[] {
  return [
    'From a start to the first settings answered, as `npm run bench -- start` finds it, in milliseconds: through the library from ' +
      'the call of `startTenant` in a new process, and for commands what they take longer than one that does nothing. The library ' +
      'and `npx identity-edge` are of the package as it is installed, `npm start` is of the repository. ' +
      `${machine(conditions)} ${conditions.rounds} rounds, in which all take turns; medians, and the least and the most of the rounds.`,
    table(
      ['', 'ms', 'rounds'],
      rows.map(({ name, taken, spread: [from, to] }) => [
        name,
        taken.toFixed(0),
        `${from.toFixed(0)} to ${to.toFixed(0)}`,
      ]),
    ),
  ]
}
