// Files that tools write are what the tools would write today.
import { glob, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { generateSQLiteDrizzleJson, generateSQLiteMigration } from 'drizzle-kit/api'
import { expect, test } from 'vitest'
import { endpointsPath, endpointsText } from '../../src/node/build/write-endpoints.ts'
import { namesPath, namesText } from '../../src/node/build/write-names.ts'
import { openApiTexts } from '../../src/node/build/write-openapi.ts'
import { schemaPaths, schemaText } from '../../src/node/build/write-schema.ts'

test('the migrations lead to the tables as they are declared', async () => {
  const tables: Record<string, unknown> = {}
  for await (const file of glob('src/**/*.table.ts')) Object.assign(tables, await import(resolve(file)))
  const journal = JSON.parse(await readFile('drizzle/meta/_journal.json', 'utf8'))
  const last = String(journal.entries.at(-1).idx).padStart(4, '0')
  const migrated = JSON.parse(await readFile(`drizzle/meta/${last}_snapshot.json`, 'utf8'))
  const declared = await generateSQLiteDrizzleJson(tables, migrated.id, 'snake_case')
  expect(await generateSQLiteMigration(migrated, declared)).toEqual([])
})

test.each(schemaPaths)('the JSON Schema of seeds says what is accepted as one: %s', async (path) => {
  expect(await readFile(path, 'utf8')).toBe(schemaText)
})

test.each(Object.entries(openApiTexts))('%s says what the contracts say', async (path, text) => {
  expect(await readFile(path, 'utf8')).toBe(text)
})

test('the table of endpoints says what the contracts say', async () => {
  expect(await readFile(endpointsPath, 'utf8')).toBe(endpointsText)
})

test('the names of operations and scopes that editors complete are those there are', async () => {
  expect(await readFile(namesPath, 'utf8')).toBe(namesText)
})
