// The test runners that the documents have examples for, each run as its users run it, on an example in a project that has
// the package installed. Those that the repository does not use itself are pinned in test/runners and installed beside that project, not into the repository.
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { lend } from './installed-package.ts'

const run = promisify(execFile)

export interface Runners {
  /** Runs the example under that version of Jest and returns what Jest printed. */
  jest(version: 29 | 30, example: string): Promise<string>
  /** Runs the example under Mocha and returns what Mocha printed. */
  mocha(example: string): Promise<string>
  /** Runs the example, which needs MSW, under node:test and returns what that printed. */
  msw(example: string): Promise<string>
  remove(): Promise<void>
}

/** Installs Jest, Mocha and MSW for examples in `project`. */
export async function installRunners(project: string): Promise<Runners> {
  const folder = await mkdtemp(join(tmpdir(), 'runners-'))
  for (const name of ['package.json', 'package-lock.json']) await cp(join('test/runners', name), join(folder, name))
  const options = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund']
  await run('npm', ['ci', ...options], { cwd: folder })
  return {
    async jest(version, example) {
      // Without `"type": "module"`, as `npm init` leaves it: the example requires.
      const root = join(project, 'with-jest')
      await mkdir(root, { recursive: true })
      await writeFile(join(root, 'package.json'), '{}')
      await writeFile(join(root, 'example.test.js'), example)
      const { stdout, stderr } = await exec(join(folder, `node_modules/jest${version}/bin/jest.js`), [], root)
      return stdout + stderr
    },
    async mocha(example) {
      await writeFile(join(project, 'example.spec.js'), example)
      const { stdout, stderr } = await exec(
        join(folder, 'node_modules/mocha/bin/mocha.js'),
        ['example.spec.js'],
        project,
      )
      return stdout + stderr
    },
    async msw(example) {
      await symlink(join(folder, 'node_modules/msw'), join(project, 'node_modules/msw'))
      await writeFile(join(project, 'msw.example.js'), example)
      const { stdout, stderr } = await exec('--test', ['--test-reporter=tap', 'msw.example.js'], project)
      return stdout + stderr
    },
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** Runs the example in `project` under the repository's vitest and returns what vitest printed. */
export async function vitest(project: string, pool: string, example: string): Promise<string> {
  await lend(project, 'vitest')
  await writeFile(join(project, 'example.test.ts'), example)
  const args = ['run', '--pool', pool, 'example.test.ts']
  const { stdout, stderr } = await exec(resolve('node_modules/vitest/vitest.mjs'), args, project)
  return stdout + stderr
}

/** As if nobody tested here: without what this vitest has put into the environment. */
function exec(program: string, args: string[], cwd: string): Promise<{ stdout: string; stderr: string }> {
  const { VITEST: _, NODE_ENV: __, ...env } = process.env
  return run(process.execPath, [program, ...args], { cwd, env: { ...env, NO_COLOR: '1' } }).catch((failed) => failed)
}
