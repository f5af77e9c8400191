// The console's files, which starts of the repository build when they are not there.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { inCopy } from './installed-package.ts'

const run = promisify(execFile)
const BUILD = "await (await import('./src/node/build/console.ts')).buildConsole()"

/** Each file of a folder with the hash of what is in it. */
async function contents(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).sort()
  const hashOf = async (name: string) =>
    createHash('sha256')
      .update(await readFile(join(folder, name)))
      .digest('hex')
  return Promise.all(names.map(async (name) => `${name} ${await hashOf(name)}`))
}

it('starts at the same time each leave all of it, and nothing beside it', async () => {
  const built = await contents('assets/console')
  await inCopy(async (cwd) => {
    const builds = Array.from({ length: 4 }, () => run(process.execPath, ['--input-type=module', '-e', BUILD], { cwd }))
    // As soon as the first has ended, there is a whole console, while the others go on.
    await Promise.race(builds)
    expect(await contents(join(cwd, 'assets/console'))).toEqual(built)
    await Promise.all(builds)
    expect(await contents(join(cwd, 'assets/console'))).toEqual(built)
    expect((await readdir(join(cwd, 'assets'))).toSorted()).toEqual(['console', 'openapi', 'seed.schema.json'])
  })
})
