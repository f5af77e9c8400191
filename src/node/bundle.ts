// Turns a Worker's TypeScript into the one module workerd runs, in memory and under the conditions wrangler bundles with,
// so that a dependency resolves to the same build here and in a deployment.
import { StartFailure } from './config.ts'

let building = 0

/**
 * Bundles the Worker whose entry is at `main`. esbuild works in a process of its own, beside whatever Node does meanwhile.
 * @throws StartFailure when the source does not compile; esbuild has then printed where
 */
export async function bundleWorker(main: string): Promise<string> {
  const { build, stop } = await import('esbuild')
  building += 1
  try {
    const result = await build({
      entryPoints: [main],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'neutral',
      target: 'es2024',
      conditions: ['workerd', 'worker', 'browser'],
      mainFields: ['module', 'main'],
      external: ['cloudflare:*', 'node:*'],
      minifySyntax: true,
      minifyWhitespace: true,
      logLevel: 'warning',
    })
    return result.outputFiles.map((file) => file.text).join('\n')
  } catch (error) {
    throw new StartFailure(`${main} could not be bundled`, { cause: error })
  } finally {
    building -= 1
    // esbuild keeps its process for the next build. A tenant runs for hours and has no next build.
    if (building === 0) {
      await stop()
    }
  }
}
