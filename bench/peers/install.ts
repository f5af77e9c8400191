// The peers' packages: pinned beside this file, installed on the first run, no part of the project's own.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Processes } from '../processes.ts'

const FOLDER = import.meta.dirname
const INSTALL_WITHIN_MS = 300_000

/** Where an installed package is. */
export const peerPath = (name: string) => join(FOLDER, 'node_modules', name)

/** Versions by package, as pinned. */
export async function peerVersions(): Promise<Record<string, string>> {
  const manifest: { dependencies: Record<string, string> } = JSON.parse(
    await readFile(join(FOLDER, 'package.json'), 'utf8'),
  )
  return manifest.dependencies
}

/**
 * Installs the peers unless they are there as pinned. Their install scripts are not run: none is needed to serve.
 * @throws if they cannot be had
 */
export async function installPeers(processes: Processes): Promise<void> {
  if (await areInstalled()) {
    return
  }
  console.error('installing what to compare with, into bench/peers/node_modules')
  await processes.run(
    'npm',
    ['ci', '--prefix', FOLDER, '--ignore-scripts', '--no-audit', '--no-fund'],
    INSTALL_WITHIN_MS,
  )
}

async function areInstalled(): Promise<boolean> {
  const wanted = Object.entries(await peerVersions())
  const found = await Promise.all(wanted.map(async ([name, version]) => (await installedVersion(name)) === version))
  return found.every(Boolean)
}

async function installedVersion(name: string): Promise<string | undefined> {
  try {
    const { version }: { version: string } = JSON.parse(await readFile(join(peerPath(name), 'package.json'), 'utf8'))
    return version
  } catch {
    return undefined
  }
}
