// `npm run conformance -- FILE`: compares the vendor's OpenAPI document with ours. What differs on purpose is listed in
// test/conformance/known-divergences.json, with a reason and a source each; one that is new fails, and so does one that is not found
// any more.
import { join } from 'node:path'
import { projectRoot } from '../config/config.ts'
import { StartFailure } from '../start-failure.ts'
import { differencesOf } from './compare.ts'
import { readDocument } from './document.ts'
import { judge, readKnown } from './known.ts'

const OURS = join(projectRoot, 'assets/openapi/external.json')
const KNOWN = join(projectRoot, 'test/conformance/known-divergences.json')

/** What is printed, and whether it is a success. */
export interface Report {
  readonly lines: readonly string[]
  readonly conforms: boolean
}

/** Compares the vendor's document in `file` with ours. @param knownFile the list of known divergences */
export function report(file: string, knownFile = KNOWN): Report {
  const theirs = readDocument(file)
  const name = `${theirs.info.title} ${theirs.info.version}`
  const found = differencesOf(theirs, readDocument(OURS))
  const known = readKnown(knownFile)[name]
  if (!known) {
    return { lines: [...found, `${name}: no divergences of it are known; ${found.length} found`], conforms: false }
  }
  const { fresh, closed, renamed } = judge(found, known)
  const wrong = [
    ...fresh.map((difference) => `new: ${difference}`),
    ...closed.map((difference) => `closed, and still listed: ${difference}`),
    ...renamed.map(([listed, other]) => `listed as: ${listed}\n  found as: ${other}`),
  ]
  const explained = known.map(({ reason, source, differences }) => `${differences.length} known: ${reason} (${source})`)
  const sum =
    wrong.length === 0
      ? `${name}: ${found.length} differences, all of them known`
      : `${name}: ${wrong.length} to settle`
  return { lines: [...explained, ...wrong, sum], conforms: wrong.length === 0 }
}

if (import.meta.main) {
  try {
    const [file, ...others] = process.argv.slice(2)
    if (file === undefined || others.length > 0)
      throw new StartFailure('npm run conformance -- FILE: an OpenAPI document')
    const { lines, conforms } = report(file)
    console.log(lines.join('\n'))
    process.exitCode = conforms ? 0 : 1
  } catch (error) {
    console.error(error instanceof StartFailure ? error.message : error)
    process.exitCode = 1
  }
}
