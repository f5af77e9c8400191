// The law that joins sealing and masking: what is sealed in the database is masked wherever it would be written down.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskJson, maskPath } from '../src/control/mask.ts'
import { isMasked, isSealed, SEALED_ENDINGS } from '../src/secrets/is-secret.ts'

const SECRET = 'hush-7f3a'

/** Any spelling of one of `words`. */
const anyCase = (...words: readonly string[]) => fc.mixedCase(fc.constantFrom(...words))

/** Names of values that are sealed: any prefix and separator, one of the endings in any case. */
const sealedName = fc
  .tuple(
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.constantFrom('', '.', '_', '-', ':', '/', ' '),
    anyCase(...SEALED_ENDINGS),
  )
  .map((parts) => parts.join(''))

/** What stands beside a secret, in any order with it. */
const company = fc.dictionary(
  fc.constantFrom('id', 'userId', 'partitionGlobalId', 'a'),
  fc.oneof(fc.integer(), fc.constant(null), fc.constant('open')),
)

const inAnyOrder = (entries: [string, unknown][]) =>
  fc.shuffledSubarray(entries, { minLength: entries.length }).map((shuffled) => Object.fromEntries(shuffled))

const holder = fc.oneof(
  // A property that is named so.
  fc.tuple(sealedName, company).chain(([name, more]) => inAnyOrder([...Object.entries(more), [name, SECRET]])),
  // A key and its value; or several keys.
  fc
    .tuple(
      anyCase('key', 'name'),
      anyCase('value'),
      fc.oneof(sealedName, fc.tuple(fc.constant('Colour'), sealedName)),
      fc.constantFrom<unknown>(SECRET, [SECRET], { inner: SECRET }, JSON.stringify({ inner: SECRET })),
      company,
    )
    .chain(([key, value, name, secret, more]) => inAnyOrder([...Object.entries(more), [key, name], [value, secret]])),
)

/** A secret anywhere in a body, with JSON inside of texts. */
const body = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    holder,
    fc
      .tuple(tie('node'), fc.constantFrom('settings', 'inner', ''))
      .map(([inner, name]) => ({ [name]: inner, other: 1 })),
    tie('node').map((inner) => ['open', inner]),
    fc.tuple(tie('node'), fc.constantFrom('', ' ', '\n')).map(([inner, space]) => `${space}${JSON.stringify(inner)}`),
  ),
})).node

test('all that is sealed is masked', () => {
  fc.assert(
    fc.property(sealedName, (name) => {
      expect([isSealed(name), isMasked(name)]).toEqual([true, true])
    }),
  )
})

test.each(SEALED_ENDINGS)('%s stays an ending that is sealed', (ending) => {
  expect(isSealed(`Any.${ending}`)).toBe(true)
})

describe('of what is sealed nothing is left', () => {
  test('in a body, wherever it stands', () => {
    fc.assert(
      fc.property(body, (value) => !JSON.stringify(maskJson(value)).includes(SECRET)),
      { numRuns: 500 },
    )
  })

  test('in a query, under its name and as the value of its key', () => {
    const parameters = fc.oneof(
      sealedName.map((name): [string, string][] => [[name, SECRET]]),
      fc
        .tuple(anyCase('key'), anyCase('value'), sealedName, fc.boolean())
        .map(([key, value, name, first]): [string, string][] => {
          const pairs: [string, string][] = [
            [key, 'Colour'],
            [key, name],
            [value, SECRET],
          ]
          return first ? pairs.reverse() : pairs
        }),
      body.map((value): [string, string][] => [['filter', JSON.stringify(value)]]),
    )
    const encoding = fc.constantFrom(encodeURIComponent, (text: string) =>
      `${new URLSearchParams([['', text]])}`.slice(1),
    )
    fc.assert(
      fc.property(parameters, encoding, (pairs, encode) => {
        const query = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
        expect(maskPath(`/identity_/api/Setting?a=b&${query}`)).not.toContain(SECRET)
      }),
      { numRuns: 500 },
    )
  })
})

test('what is no secret stays as it was', () => {
  const value = { key: 'Email.Smtp.Host', value: ' { "port" : 25.0 }', list: ['"quoted"', '[', null, true] }
  expect(maskJson(value)).toEqual(value)
  const path = '/identity_/api/Setting?key=Email.Smtp.Password&partitionGlobalId=magic-7&%zz&empty='
  expect(maskPath(path)).toBe(path)
  expect(maskPath('/nowhere')).toBe('/nowhere')
})
