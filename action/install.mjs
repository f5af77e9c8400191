// The first step of the GitHub Action: installs the package beside the job's own, and puts its command on the PATH of the
// steps that follow.
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const { GITHUB_PATH = '', PACKAGE, RUNNER_TEMP = '' } = process.env
const folder = join(RUNNER_TEMP, 'identity-edge')
const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const wanted = PACKAGE || `${name}@${version}`

mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'package.json'), '{}')
// On Windows npm is a script, which only a shell runs.
execFileSync('npm', ['install', '--no-audit', '--no-fund', existsSync(wanted) ? resolve(wanted) : wanted], {
  cwd: folder,
  shell: process.platform === 'win32',
  stdio: 'inherit',
})
appendFileSync(GITHUB_PATH, `${join(folder, 'node_modules/.bin')}\n`)
