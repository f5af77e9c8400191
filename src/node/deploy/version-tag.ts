// The tag of a version: a hash of all that it is made of, by which one that serves already is recognised without building it.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { projectRoot, readWorkerConfig } from '../config/config.ts'
import { type Target, textOf } from './target.ts'

/** What of `src` is not in the Worker: commands that run in Node, and the console's sources, which are built into assets. */
const NOT_IN_THE_WORKER = ['src/node', 'src/console']

/** The tag of the target's version. The console must be built: its files are among the assets. */
export function tagOf(target: Target): string {
  const hash = createHash('sha256').update(textOf(target))
  const { assets } = readWorkerConfig()
  const files = [
    ...filesIn(join(projectRoot, 'src')),
    ...(assets ? filesIn(assets.directory) : []),
    // The newest migration's name is in the Worker, and the lockfile has the versions of its libraries and of the bundler.
    join(projectRoot, 'drizzle/meta/_journal.json'),
    join(projectRoot, 'package-lock.json'),
  ]
  for (const file of files) {
    const name = relative(projectRoot, file)
    if (!NOT_IN_THE_WORKER.some((folder) => name.startsWith(`${folder}/`))) hash.update(name).update(readFileSync(file))
  }
  return hash.digest('hex').slice(0, 16)
}

/** The paths of all files in a folder and below it, in alphabetical order. */
function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : [])).sort()
}
