// Reads seed documents.
import { readFile } from 'node:fs/promises'
import { messageOf } from '../error-details.ts'
import type { SeedDocument } from './seed-document.ts'

// A string, which may hold what looks like a comment, or a comment.
const STRING_OR_COMMENT = /"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g

/** JSON without the comments in it, each replaced by blanks so that positions in the text stay what they are. */
const withoutComments = (text: string) =>
  text.replace(STRING_OR_COMMENT, (found) => (found.startsWith('"') ? found : found.replace(/[^\n]/g, ' ')))

/**
 * The document itself, or the one in the JSON file of that path, which may have comments.
 * @throws Error when the file cannot be read; when it is not JSON, naming the file
 */
export async function readSeed(seed: SeedDocument | string): Promise<SeedDocument> {
  if (typeof seed !== 'string') return seed
  const text = await readFile(seed, 'utf8')
  try {
    return JSON.parse(withoutComments(text))
  } catch (error) {
    throw new Error(`${seed} is not JSON: ${messageOf(error)}`)
  }
}
