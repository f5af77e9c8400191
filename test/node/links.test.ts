// Documents point at what is there: in the repository, and for whoever has the package alone.
import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

const documents = [...globSync('*.md'), ...globSync('docs/*.md')]

const withoutCode = (text: string) => text.replace(/^ *```.*?^ *```$/gms, '').replace(/`[^`\n]*`/g, '')

interface Link {
  from: string
  path: string
  heading: string | undefined
}

/** Links and pictures of a document that stay within the project. */
const linksOf = (from: string): Link[] =>
  [...withoutCode(readFileSync(from, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/i.test(target))
    .map((target) => {
      const [path = '', heading] = target.split('#')
      return { from, path: path === '' ? from : normalize(join(dirname(from), path)), heading }
    })

/** A heading as GitHub and npm make an anchor of it. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')

const anchorsOf = (path: string) =>
  [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchor(heading))

const packed = (): string[] => {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' })
  const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(output)
  return files.map(({ path }) => path)
}

test('every link of every document leads somewhere in the repository', () => {
  const links = documents.flatMap(linksOf)
  expect(links.length).toBeGreaterThan(30)
  expect(links.filter(({ path }) => !existsSync(path))).toEqual([])
  const toHeadings = links.filter(({ heading }) => heading !== undefined)
  expect(toHeadings.length).toBeGreaterThan(5)
  expect(toHeadings.filter(({ path, heading = '' }) => !anchorsOf(path).includes(heading))).toEqual([])
})

test('every link of the documents in the package leads to something in it', () => {
  const files = packed()
  const links = files.filter((path) => path.endsWith('.md') && !path.startsWith('dist/')).flatMap(linksOf)
  expect(links.filter(({ from }) => from === 'README.md').length).toBeGreaterThan(10)
  expect(links.filter(({ path }) => !files.includes(path))).toEqual([])
})

/** Files that the worked examples of CONTRIBUTING.md make. */
const EXAMPLES = /language|message-template/

test('every file that a document names is there', () => {
  const named = documents.flatMap((from) =>
    [...readFileSync(from, 'utf8').matchAll(/(?<![\w/.-])(?:src|test|bench|tools|drizzle)\/[\w./-]+\.\w+/g)]
      .map(([path]) => ({ from, path }))
      .filter(({ path }) => !EXAMPLES.test(path)),
  )
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter(({ path }) => !existsSync(path))).toEqual([])
})
