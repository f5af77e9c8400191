// The files that wrangler uploads beside the Worker.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readWorkerConfig } from '../config/config.ts'

/** The paths of all files in the folder of `[assets]`, in alphabetical order. */
export function assetFiles(): string[] {
  const { assets } = readWorkerConfig()
  if (!assets) return []
  const entries = readdirSync(assets.directory, { recursive: true, withFileTypes: true })
  return entries.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : [])).sort()
}
