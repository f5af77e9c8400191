// The second step of the GitHub Action: starts a server in the background, which goes with the job, and returns once the steps
// that follow know its address. `identity-edge exec` runs announce.mjs with that address in its environment.
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const { SEED, NAME, PORT, RUNNER_TEMP = '', ...env } = process.env
const folder = join(RUNNER_TEMP, 'identity-edge')
const log = join(folder, `server-${process.pid}.log`)

const options = Object.entries({ seed: SEED, name: NAME, port: PORT }).flatMap(([option, value]) =>
  value ? [`--${option}`, value] : [],
)
// Not the path of this Node, which has a space in it on Windows, where `exec` runs commands through a shell.
const command = ['node', fileURLToPath(new URL('announce.mjs', import.meta.url))]
const cli = join(folder, 'node_modules/identity-edge/dist/cli.js')

// A pipe would be closed when this step ends, and the server's next line would end the server.
const output = openSync(log, 'w')
const server = spawn(process.execPath, [cli, 'exec', ...options, '--', ...command], {
  detached: true,
  env,
  stdio: ['ignore', output, output],
})
closeSync(output)
server.unref()

let ended = false
server.once('exit', () => {
  ended = true
})
while (!/^announced$/m.test(readFileSync(log, 'utf8'))) {
  if (ended) {
    console.error(`::error title=identity-edge did not start::${readFileSync(log, 'utf8').trim()}`)
    process.exit(1)
  }
  await sleep(50)
}
console.log(`identity-edge runs as process ${server.pid}; what it says is in ${log}`)
