// Reads seed documents.
import { readFile } from 'node:fs/promises'
import { messageOf } from '../error-details.ts'
import type { SeedDocument } from './seed-document.ts'

/**
 * The document itself, or the one in the JSON file of that path.
 * @throws Error when the file cannot be read; when it is not JSON, naming the file
 */
export async function readSeed(seed: SeedDocument | string): Promise<SeedDocument> {
  if (typeof seed !== 'string') return seed
  const text = await readFile(seed, 'utf8')
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${seed} is not JSON: ${messageOf(error)}`)
  }
}
