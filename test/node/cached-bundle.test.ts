// A start takes a bundle that is there only if it is the one that it would make.
import { mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bundleWorker, LOCAL_ENTRY } from '../../src/node/build/bundle.ts'
import { cachedBundle } from '../../src/node/build/cached-bundle.ts'
import { hashFiles } from '../../src/node/build/hash-files.ts'

let place: string
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'sources-'))
})
afterEach(() => rm(place, { recursive: true }))

test('it is what bundling gives, and made once', async () => {
  const first = await cachedBundle(LOCAL_ENTRY)
  expect(await readFile(first, 'utf8')).toBe(await bundleWorker(LOCAL_ENTRY))
  const { mtimeMs } = await stat(first)
  expect(await cachedBundle(LOCAL_ENTRY)).toBe(first)
  expect((await stat(first)).mtimeMs).toBe(mtimeMs)
})

test('any change of a source is another hash: in its text, its name, or where one ends and the next begins', async () => {
  const [one, other] = [join(place, 'a.ts'), join(place, 'b.ts')]
  const hashes = new Set<string>()
  const note = () => hashes.add(hashFiles(place))
  await writeFile(one, 'first')
  note()
  await writeFile(one, 'second')
  note()
  await writeFile(other, '')
  note()
  await writeFile(one, 'sec')
  await writeFile(other, 'ond')
  note()
  await rename(other, join(place, 'c.ts'))
  note()
  expect(hashes.size).toBe(5)
  note()
  expect(hashes.size).toBe(5)
})
