// The recipes of docs/recipes.md, taken out of the document and run with the installed command.
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { installPackage } from './installed-package.ts'

const recipes = await readFile('docs/recipes.md', 'utf8')
const { folder, remove } = await installPackage()
const CLI = join(folder, 'node_modules/identity-edge/dist/cli.js')
afterAll(remove)

/** The blocks under a heading, each as a file of a new folder. */
async function project(heading: string, names: readonly string[]): Promise<string> {
  const [, section = ''] = recipes.split(`\n## ${heading}\n`)
  const blocks = Array.from(section.split('\n## ')[0]?.matchAll(/```\w+\n(.*?)```/gs) ?? [], ([, code = '']) => code)
  expect(blocks).toHaveLength(names.length)
  const place = join(folder, heading)
  await mkdir(place)
  for (const [index, name] of names.entries()) {
    expect(blocks[index]?.trim().split('\n').length).toBeLessThanOrEqual(30)
    await writeFile(join(place, name), blocks[index] ?? '')
  }
  return place
}

function exec(cwd: string, ...command: string[]): Promise<{ code: unknown; out: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, 'exec', '--', ...command], { cwd }, (error, out, err) => {
      resolve({ code: error?.code ?? 0, out: out + err })
    })
  })
}

it('pytest', async (context) => {
  const place = await project('pytest', ['conftest.py', 'test_groups.py'])
  const { code, out } = await exec(place, 'python3', '-m', 'pytest', '-p', 'no:cacheprovider')
  const missing = /No module named pytest|python3 could not be run/.exec(out)
  if (missing) context.skip(`pytest is not installed here: ${missing[0]}`)

  expect(out).toContain('1 passed')
  expect(code).toBe(0)
})

it('the shell', async () => {
  const { code, out } = await exec(await project('Shell', ['groups.sh']), 'sh', 'groups.sh')

  expect(out).toMatch(/^armed .*\npassed\n$/)
  expect(code).toBe(0)
})
