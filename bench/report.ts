// The figures as the README shows them. Made from the results alone, so that a run of one half keeps the other.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectRoot } from '../src/node/config/config.ts'
import { reportGrowth } from './growth-report.ts'
import { wrap } from './prose.ts'
import type { Results } from './results.ts'
import { reportSpeed } from './speed-report.ts'

const README = join(projectRoot, 'README.md')
const BEGIN = '<!-- bench -->'
const END = '<!-- /bench -->'

/** @throws if the README has no place for it */
export async function rewriteReadme(results: Results): Promise<void> {
  const readme = await readFile(README, 'utf8')
  const begin = readme.indexOf(BEGIN)
  const end = readme.indexOf(END)
  if (begin < 0 || end < begin) {
    throw new Error(`README.md has no ${BEGIN} … ${END}`)
  }
  const part = `${BEGIN}\n\n${report(results)}\n\n`
  await writeFile(README, readme.slice(0, begin) + part + readme.slice(end))
}

export function report({ speed, growth }: Results): string {
  const blocks = [...(speed ? reportSpeed(speed) : []), ...(growth ? reportGrowth(growth) : [])]
  return blocks.map(wrap).join('\n\n')
}
