// `npm run bench:forks`: what a test waits for, a start of a tenant and a fork of it, beside a token, which is one call with one
// of a fork's two signatures: the ratio of the two says more of a fork than its milliseconds do, which are the machine's.
import { startTestTenant } from '../src/node/library/start-test-tenant.ts'
import { repository } from '../src/node/local/repository.ts'
import { median } from './rounds.ts'

const STARTS = 5
const FORKS = 40

async function timed<Result>(into: number[], call: () => Promise<Result>): Promise<Result> {
  const begin = performance.now()
  const result = await call()
  into.push(performance.now() - begin)
  return result
}

const starts: number[] = []
const forks: number[] = []
const tokens: number[] = []
for (let start = 0; start < STARTS; start++) {
  await using tenant = await timed(starts, () => startTestTenant(repository))
  // The first of each compiles what the next ones run.
  await tenant.fork()
  await tenant.token()
  for (let fork = 0; fork < FORKS; fork++) {
    await timed(forks, () => tenant.fork())
    await timed(tokens, () => tenant.token())
  }
}
const [start, fork, token] = [median(starts), median(forks), median(tokens)]
console.log(`medians of ${STARTS} starts with ${FORKS} forks each, a token after every fork:
start ${start.toFixed(0)} ms
fork  ${fork.toFixed(2)} ms
token ${token.toFixed(2)} ms
a fork takes ${(fork / token).toFixed(2)} tokens`)
