// The figures as docs/speed.md shows them, and the few that the README has. Made from the results alone, so that a run of
// one half keeps the other.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectRoot } from '../src/node/config/config.ts'
import { reportGrowth } from './growth-report.ts'
import { reportIsolatedTests } from './isolated/report.ts'
import { wrap } from './prose.ts'
import type { Results } from './results.ts'
import { headline, reportSpeed } from './speed-report.ts'
import { reportStartRows } from './start/report.ts'

const BEGIN = '<!-- bench -->'
const END = '<!-- /bench -->'

/**
 * Rewrites what stands between the two marks in each document.
 * @throws if a document has no place for it
 */
export async function rewriteDocuments(results: Results): Promise<void> {
  await rewrite('docs/speed.md', report(results))
  if (results.speed) await rewrite('README.md', wrap(headline(results.speed)))
}

async function rewrite(name: string, figures: string): Promise<void> {
  const path = join(projectRoot, name)
  const text = await readFile(path, 'utf8')
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END)
  if (begin < 0 || end < begin) {
    throw new Error(`${name} has no ${BEGIN} … ${END}`)
  }
  const part = `${BEGIN}\n\n${figures}\n\n`
  await writeFile(path, text.slice(0, begin) + part + text.slice(end))
}

export function report({ speed, started, isolated, growth }: Results): string {
  const blocks = [
    ...(speed ? reportSpeed(speed) : []),
    ...(started ? reportStartRows(started) : []),
    ...(isolated ? reportIsolatedTests(isolated) : []),
    ...(growth ? reportGrowth(growth) : []),
  ]
  return blocks.map(wrap).join('\n\n')
}
