// `identity-edge init`: writes a seed and a first test for the test runner that the folder's project uses.
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StartFailure } from '../start-failure.ts'
import { readArguments } from './arguments.ts'
import { FIRST_TESTS, type FirstTest, SEED, SEED_FILE } from './first-tests.ts'
import { UsageError } from './usage.ts'

const HELP = `Usage: identity-edge init

Writes ${SEED_FILE} and a first test, for ${Object.keys(FIRST_TESTS).join(', ')}: the first of
these that the project in this folder names. Files that are there already are left as they are.`

/** Files whose text tells which packages a project uses. */
const MANIFESTS = ['package.json', 'pyproject.toml', 'requirements.txt', 'requirements-dev.txt', 'setup.cfg', 'tox.ini']

/** Returns the text to print. */
export async function runInitCommand(args: readonly string[], folder = process.cwd()): Promise<string> {
  const { values, positionals } = readArguments(args, { help: { type: 'boolean', short: 'h', default: false } })
  if (values.help) return HELP
  if (positionals.length > 0) throw new UsageError(`${positionals.join(' ')} means nothing to init`)
  const { name, test } = await findRunner(folder)
  const said = [
    `found ${name}`,
    await writeNew(folder, SEED_FILE, SEED),
    await writeNew(folder, test.file, test.text),
    `run it with: ${test.run}`,
  ]
  return said.join('\n')
}

async function findRunner(folder: string): Promise<{ name: string; test: FirstTest }> {
  const texts = await Promise.all(MANIFESTS.map((file) => readFile(join(folder, file), 'utf8').catch(() => '')))
  const text = texts.join('\n')
  const found = Object.entries(FIRST_TESTS).find(([, { names }]) => names.test(text))
  if (found) return { name: found[0], test: found[1] }
  const fallback = existsSync(join(folder, 'package.json')) ? 'node:test' : undefined
  const test = fallback && FIRST_TESTS[fallback]
  if (!fallback || !test) {
    throw new StartFailure(`no project was found here: init looks for ${MANIFESTS.slice(0, 3).join(', ')} and the like`)
  }
  return { name: fallback, test }
}

async function writeNew(folder: string, file: string, text: string): Promise<string> {
  const path = join(folder, file)
  if (existsSync(path)) return `${file} is there already`
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  return `wrote ${file}`
}
