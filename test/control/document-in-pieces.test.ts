// A large document is checked and read in pieces: with the outcome of checking it at once, and while others are answered.
import { createExecutionContext } from 'cloudflare:test'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { safeParse } from 'zod/v4/core'
import { TenantDocument } from '../../src/control/states/document.schema.ts'
import { checkInPieces, MAX_ENTRIES } from '../../src/http/check-in-pieces.ts'
import { explain } from '../../src/http/explain.ts'
import { PIECE } from '../../src/http/let-others-in.ts'
import { parseInPieces } from '../../src/http/parse-in-pieces.ts'
import { Refusal } from '../../src/http/refusal.ts'
import { unknownNames } from '../../src/http/unknown-names.ts'
import { CONTROL_TOKEN, type CreatedTenant, isolate } from '../support/control.ts'
import { answer, ORIGIN } from '../support/tenant.ts'

const SCHEMAS = {
  'a document': TenantDocument,
  'a body with a document': z.object({ name: z.string(), seed: z.optional(TenantDocument) }),
}

/** What replaces an entry, or a part of it. */
const flaw = fc.record({
  list: fc.constantFrom('users', 'settings', 'groups'),
  at: fc.nat(PIECE + 5),
  change: fc.constantFrom<Record<string, unknown> | string | null>(
    { userName: 7 },
    { unknown: true },
    { key: 'k'.repeat(300) },
    { members: ['a', 1, null] },
    { name: '' },
    'no entry',
    null,
  ),
})

const users = Array.from({ length: PIECE + 3 }, (_, n) => ({ id: `user-${n}`, userName: `User ${n}` }))
const settings = Array.from({ length: PIECE + 1 }, (_, n) => ({ key: `key-${n}`, value: null }))
const groups = [{ name: 'Team', members: ['user-1'] }]

function documentWith(flaws: readonly { list: string; at: number; change: unknown }[]) {
  const document: Record<string, unknown[]> = structuredClone({ users, settings, groups })
  for (const { list, at, change } of flaws) {
    const entries = document[list] ?? []
    const index = at % entries.length
    entries[index] = typeof change === 'object' && change !== null ? { ...Object(entries[index]), ...change } : change
  }
  return document
}

function atOnce(schema: z.ZodMiniType, value: unknown) {
  const result = safeParse(schema, value)
  const errors = { ...unknownNames(schema, value), ...explain(value, result.error?.issues ?? []) }
  return Object.keys(errors).length > 0 ? errors : result.data
}

async function inPieces(schema: z.ZodMiniType, value: unknown) {
  try {
    return await checkInPieces(schema, value)
  } catch (error) {
    if (error instanceof Refusal && error.reason.is === 'invalid') return error.reason.errors
    throw error
  }
}

describe.each(Object.entries(SCHEMAS))('%s', (_, schema) => {
  test('is checked in pieces as at once', async () => {
    const property = fc.asyncProperty(fc.array(flaw, { maxLength: 5 }), fc.boolean(), async (flaws, isNamed) => {
      const document = documentWith(flaws)
      const value = schema === TenantDocument ? document : { ...(isNamed ? { name: 'name' } : {}), seed: document }
      const expected = atOnce(schema, structuredClone(value))
      expect(await inPieces(schema, value)).toEqual(expected)
    })
    await fc.assert(property, { numRuns: 60 })
  })
})

test.each([null, 7, 'text', [], {}, { users: {} }, { users: null }, { users: [] }])(
  '%j is checked as at once',
  async (value) => {
    expect(await inPieces(TenantDocument, structuredClone(value))).toEqual(atOnce(TenantDocument, value))
  },
)

test('a list has at most as many entries as any schema allows', async () => {
  const value = { formerUsers: Array.from({ length: MAX_ENTRIES + 1 }, (_, n) => `${n}`) }
  expect(await inPieces(TenantDocument, value)).toEqual({
    formerUsers: [`The field formerUsers must have at most ${MAX_ENTRIES} elements.`],
  })
})

/** In UTF-16 units. */
const LENGTH = 100

/** Texts that are longer than a piece, in lists and outside of them, with what JSON has a meaning for in strings. */
const filler = fc
  .constantFrom('a', '"', '\\', '[', ']', '{', '}', ',', 'é', '\u{1f600}')
  .map((unit) => unit.repeat(LENGTH / 5))
const item = fc.oneof(
  fc.jsonValue(),
  filler,
  filler.map((text) => ({ members: [text, [text]], name: '' })),
)
const lists = fc.array(item, { maxLength: 12 })
const value = fc.oneof(
  lists,
  fc.record({ users: lists, seed: fc.record({ groups: lists, settings: fc.jsonValue() }), name: fc.jsonValue() }),
  fc.dictionary(fc.constantFrom('a', '__proto__', '[', '"'), lists),
)

async function outcome(parse: () => unknown) {
  try {
    return { value: await parse() }
  } catch (error) {
    return { error: error instanceof SyntaxError }
  }
}

describe('a long text', () => {
  test('is parsed in pieces as at once', async () => {
    const property = fc.asyncProperty(value, fc.constantFrom(undefined, 1), async (parsed, indent) => {
      const text = JSON.stringify(parsed, undefined, indent)
      expect(await parseInPieces(text, LENGTH)).toEqual(JSON.parse(text))
    })
    await fc.assert(property, { numRuns: 300 })
  })

  test('that is not JSON is refused as at once', async () => {
    const change = fc.constantFrom('', ',', '"', '[', ']', '{', '}', '\\', ' ', '7', ',]', '],[')
    const property = fc.asyncProperty(value, fc.nat(), fc.nat(4), change, async (parsed, place, removed, inserted) => {
      const text = JSON.stringify(parsed)
      // Near what JSON has a meaning for: most places are in the middle of a long string.
      const places = [...text.matchAll(/[[\]{}],?|",|:/g)].map(({ index }) => index)
      const at = places[place % places.length] ?? 0
      const changed = text.slice(0, at) + inserted + text.slice(at + removed)
      expect(await outcome(() => parseInPieces(changed, LENGTH))).toEqual(await outcome(() => JSON.parse(changed)))
    })
    await fc.assert(property, { numRuns: 1000 })
  })

  test.each(['[%,]', '[,%]', '{"a":[%,,1]}', '{"a":[%]', '{"a":[%]}]', '[%', '{"a":[%],"a":[1]}', '[[%],[%]]'])(
    '%s is read as at once',
    async (template) => {
      const text = template.replaceAll(
        '%',
        Array(6)
          .fill(`"${'x'.repeat(LENGTH / 3)}"`)
          .join(),
      )
      expect(await outcome(() => parseInPieces(text, LENGTH))).toEqual(await outcome(() => JSON.parse(text)))
    },
  )
})

test('a document may be UTF-16', async () => {
  const here = isolate('deployed')
  const text = JSON.stringify({ seed: { users: [{ userName: 'Zoë' }] } })
  const body = new Uint8Array(Uint16Array.from(text, (character) => character.charCodeAt(0)).buffer)
  const headers = {
    Authorization: `Bearer ${CONTROL_TOKEN}`,
    'Content-Type': 'application/json; charset=utf-16le',
  }
  const request = new Request(`${ORIGIN}/_control/tenants`, { method: 'POST', body, headers })
  const { users } = await answer<CreatedTenant>(await here.fetch(request, createExecutionContext()), 201)
  expect(users.map(({ userName }) => userName)).toEqual(['Zoë'])
})

test('others are answered while a large document is read', async () => {
  const here = isolate('deployed')
  const { tokens, id } = await here.create()
  const order: string[] = []
  const refused = here.control('POST', '/tenants', {
    seed: documentWith([{ list: 'users', at: 1001, change: { userName: 'User 5' } }]),
  })
  await Promise.all([
    refused.then((response) => order.push(`a document: ${response.status}`)),
    scheduler.wait(0).then(async () => {
      await answer(await here.call('GET', `/api/Setting?partitionGlobalId=${id}&key=a`, { token: tokens.admin }))
      order.push('another')
    }),
  ])
  expect(order).toEqual(['another', 'a document: 422'])
})
