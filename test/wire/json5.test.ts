// The lenient reader beside json5, which reads most of what Newtonsoft's takes. Where they differ, it is by this list.
import fc from 'fast-check'
import JSON5 from 'json5'
import { describe, expect, test } from 'vitest'
import { readLeniently } from '../../src/http/lenient-json.ts'

/** The value in JSON, or why there is none. */
const ours = (text: string) => {
  const { value, errors } = readLeniently(text)
  return Object.keys(errors).length > 0 || value === undefined ? 'refused' : JSON.stringify(value)
}
const theirs = (text: string) => {
  try {
    return JSON.stringify(JSON5.parse(text))
  } catch {
    return 'refused'
  }
}

const blank = fc.constantFrom('', ' ', '\n', '\r\n', '\t', '\u00a0', '\u2028')
const space = fc.oneof(blank, fc.constantFrom('/* a * / */', '// b\n', '/**/'))
const quoted = fc.tuple(fc.string({ unit: 'binary' }), fc.constantFrom('"', "'")).map(([text, quote]) => {
  const inside = JSON.stringify(text).slice(1, -1)
  return `${quote}${quote === "'" ? inside.replaceAll('\\"', '"').replaceAll("'", "\\'") : inside}${quote}`
})
const integer = fc.integer().map(String)
const fraction = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number))
const other = fc.constantFrom('true', 'false', 'null', '.5', '-.5', '1.', '0x1F', '0', '-0', '1E3', '2e-2')
const name = fc.oneof(quoted, fc.stringMatching(/^[A-Za-z_$][\w$]{0,8}$/))

const { document } = fc.letrec<{ document: string; list: string; object: string }>((tie) => ({
  document: fc.oneof({ maxDepth: 4 }, quoted, integer, fraction, other, tie('list'), tie('object')),
  list: fc
    .tuple(fc.array(fc.tuple(space, tie('document'), space), { maxLength: 4 }), fc.boolean())
    .map(([items, ends]) => `[${items.map((item) => item.join('')).join(',')}${ends && items.length > 0 ? ',' : ''}]`),
  object: fc
    .tuple(fc.array(fc.tuple(space, name, blank, space, tie('document'), space), { maxLength: 4 }), fc.boolean())
    .map(([entries, ends]) => {
      const written = entries.map(
        ([before, key, within, behind, value, after]) => `${before}${key}${within}:${behind}${value}${after}`,
      )
      return `{${written.join(',')}${ends && entries.length > 0 ? ',' : ''}}`
    }),
}))

test('what is written in the notation of both is read the same', () => {
  fc.assert(
    fc.property(fc.tuple(space, document, space), (parts) => {
      const text = parts.join('')
      expect([text, ours(text)]).toEqual([text, theirs(text)])
    }),
    { numRuns: 5000 },
  )
})

/** What, a text, and how each reads it. Of ours the source is Newtonsoft's. */
const DIFFERENCES: [what: string, text: string, ours: string, theirs: string][] = [
  ['text behind the value', '{"a":1} and so on', '{"a":1}', 'refused'],
  ['a comment between a name and its colon', '{a/**/:1}', 'refused', '{"a":1}'],
  ['a second value', '1 2', '1', 'refused'],
  ['ends of lines in strings', '["a\nb"]', '["a\\nb"]', 'refused'],
  ['an escaped end of a line', '["a\\\nb"]', 'refused', '["ab"]'],
  ['escapes of two hexadecimal digits', '["\\x41"]', 'refused', '["A"]'],
  ['an escape of NUL', '["\\0"]', 'refused', '["\\u0000"]'],
  ['a vertical tab escaped', '["\\v"]', 'refused', '["\\u000b"]'],
  ['an escape of any other character', '["\\q"]', 'refused', '["q"]'],
  ['escapes in names', '{\\u0061:1}', 'refused', '{"a":1}'],
  ['names that begin with a digit', '{1a:1}', '{"1a":1}', 'refused'],
  ['a sign before a number', '[+1]', 'refused', '[1]'],
  ['octal numbers', '[010]', '[8]', 'refused'],
  ['negative hexadecimal numbers', '[-0x10]', 'refused', '[-16]'],
  ['undefined', '[undefined]', '[null]', 'refused'],
  ['nothing between commas', '[1,,2]', '[1,null,2]', 'refused'],
  ['nothing for a value', '{"a":,"b":1}', '{"a":null,"b":1}', 'refused'],
  ['a comment that is not closed behind the value', '1 /*', '1', 'refused'],
  ['more than 32 levels', '['.repeat(33) + ']'.repeat(33), 'refused', '['.repeat(33) + ']'.repeat(33)],
  ['the byte order mark as white space', '\ufeff1', 'refused', '1'],
  ['U+0085 as white space', '\u00851', '1', 'refused'],
]

describe('by design otherwise', () => {
  test.each(DIFFERENCES)('%s', (_, text, one, other) => {
    expect({ ours: ours(text), theirs: theirs(text) }).toEqual({ ours: one, theirs: other })
  })
})
