// JSON as Newtonsoft's reader takes it: what it reads, what it makes of it, and where it stands in what it refuses.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { targetOf } from '../../src/http/json-target.ts'
import { readLeniently } from '../../src/http/lenient-json.ts'

const Body = z.object({
  text: z.optional(z.nullable(z.string())),
  flag: z.optional(z.boolean()),
  count: z.optional(z.int()),
  texts: z.optional(z.array(z.string())),
  map: z.optional(z.record(z.string(), z.string())),
  inner: z.optional(z.object({ flag: z.boolean() })),
})
const read = (text: string) => readLeniently(text, targetOf(Body))

/** Deeper documents are refused, as by the real server. */
const json = fc.json({ maxDepth: 12, stringUnit: 'binary' })

test('everything JSON.parse takes is read the same, in the same order', () => {
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, ' ', '\t', 2), (text, space) => {
      const written = JSON.stringify(JSON.parse(text), null, space)
      const { value, errors } = readLeniently(written)
      expect(errors).toEqual({})
      expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(written)))
    }),
    { numRuns: 2000 },
  )
})

test('what JSON.parse refuses, and nothing else, may be read otherwise: any text is read or refused, at once', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    "'",
    '\\',
    '/*',
    '*/',
    '//',
    '\n',
    'a',
    '1',
    '0x',
    'nu',
    ' ',
  )
  const soup = fc.oneof(
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(soup, (text) => {
      const { value, errors } = read(text)
      const parsed = parse(text)
      if (parsed) expect(JSON.stringify(readLeniently(text).value)).toBe(JSON.stringify(parsed.value))
      for (const [, messages] of Object.entries(errors)) {
        for (const message of messages) expect(message).toMatch(/ Path '.*', line \d+, position \d+\.$/s)
      }
      expect(Object.keys(errors).length === 0 || value === undefined || typeof value === 'object').toBe(true)
    }),
    { numRuns: 5000 },
  )
})

function parse(text: string) {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

describe('read', () => {
  test.each([
    ['comments', '/* a */ {// b\n"text": /* * / */ "x" /**/, /**/ }', { text: 'x' }],
    ['a comment that ends with the text', '{"text":"x"} // end', { text: 'x' }],
    ['trailing commas', '{"texts":["a","b",],"flag":true,}', { texts: ['a', 'b'], flag: true }],
    ['single quotes', `{'text':'it "is" it\\'s'}`, { text: `it "is" it's` }],
    ['names without quotes', '{text:"x",$a_1:1,ünï:2}', { text: 'x' }],
    ['raw ends of lines and tabs in strings', '{"text":"a\r\nb\tc"}', { text: 'a\r\nb\tc' }],
    ['escapes', `{"text":"\\b\\t\\n\\f\\r\\\\\\"\\'\\/\\u00e9\\ud83d\\ude00"}`, { text: '\b\t\n\f\r\\"\'/é😀' }],
    [
      'numbers where a text is meant, as written',
      '{"texts":[1.0,1e3,-0,12345678901234567890,0x1F,.5]}',
      { texts: ['1.0', '1e3', '-0', '12345678901234567890', '0x1F', '.5'] },
    ],
    [
      'words where a text is meant',
      '{"texts":[true,false,NaN,Infinity,-Infinity]}',
      { texts: ['true', 'false', 'NaN', 'Infinity', '-Infinity'] },
    ],
    ['words where anything is', '{"x":NaN,"y":-Infinity,"z":undefined,"text":"x"}', { text: 'x' }],
    ['quoted flags', '{"flag":" TRUE "}', { flag: true }],
    ['numbers for flags', '{"flag":0,"inner":{"flag":1}}', { flag: false, inner: { flag: true } }],
    ['quoted, hexadecimal and octal numbers', '{"count":" +25 "}', { count: 25 }],
    ['hexadecimal numbers', '{"count":0x10}', { count: 16 }],
    ['octal numbers', '{"count":010}', { count: 8 }],
    ['the empty string for a flag or a number: null', '{"flag":"","count":""}', { flag: null, count: null }],
    ['null and undefined where anything is meant', '{"text":null,"map":{"a":null}}', { text: null, map: { a: null } }],
    ['nothing between commas where anything is meant', '{"x":,"y":[,],"text":"x"}', { text: 'x' }],
    ['names in any case, the last of several', '{"TEXT":"a","Text":"b"}', { text: 'b' }],
    ['text behind the value', '{"text":"x"} and so on', { text: 'x' }],
    ['white space of .NET', '\u00a0\u2003\u0085{"text":"x"}', { text: 'x' }],
    ['any names in a map', '{"map":{"__proto__":1,a:true}}', { map: JSON.parse('{"__proto__":"1","a":"true"}') }],
  ])('%s', (_, text, value) => {
    expect(read(text)).toEqual({ value, errors: {} })
  })

  test.each(['', ' \n', '/* nothing */', '// nothing'])('%j has no value', (text) => {
    expect(read(text)).toEqual({ value: undefined, errors: {} })
  })
})

/** Places were derived by hand from the reader's published source; lines begin at 1, positions at 0. */
describe('refused, where it stands', () => {
  test.each([
    [
      '{"flag": hello}',
      'flag',
      "Unexpected character encountered while parsing value: h. Path 'flag', line 1, position 10.",
    ],
    [
      '{\r\n  "inner":\n{ "flag": hello}}',
      'inner.flag',
      "Unexpected character encountered while parsing value: h. Path 'inner.flag', line 3, position 11.",
    ],
    [
      '{"flag":nope}',
      'flag',
      "Unexpected character encountered while parsing value: o. Path 'flag', line 1, position 10.",
    ],
    [
      '{"flag":troe}',
      'flag',
      "Unexpected character encountered while parsing value: o. Path 'flag', line 1, position 10.",
    ],
    [
      '{"text":{}}',
      'text',
      "Unexpected character encountered while parsing value: {. Path 'text', line 1, position 9.",
    ],
    [
      '{"texts":["a",[]]}',
      'texts[1]',
      "Unexpected character encountered while parsing value: [. Path 'texts[1]', line 1, position 15.",
    ],
    ['{"x": hello}', 'x', "Unexpected character encountered while parsing value: h. Path 'x', line 1, position 6."],
    ['hello', '', "Unexpected character encountered while parsing value: h. Path '', line 0, position 0."],
    ['{"flag":"yes"}', 'flag', "Could not convert string to boolean: yes. Path 'flag', line 1, position 13."],
    ['{"count":"x1"}', 'count', "Could not convert string to integer: x1. Path 'count', line 1, position 13."],
    [
      '{"text":1x2g}',
      'text',
      "Unexpected character encountered while parsing number: g. Path 'text', line 1, position 11.",
    ],
    ['{"x":09}', 'x', "Input string '09' is not a valid number. Path 'x', line 1, position 7."],
    ['{"text":"a', 'text', `Unterminated string. Expected delimiter: ". Path 'text', line 1, position 10.`],
    ['{"text":"\\x"}', 'text', "Bad JSON escape sequence: \\x. Path 'text', line 1, position 11."],
    ['{"text":"\\u00g0"}', 'text', "Invalid Unicode escape sequence: \\u00g0. Path 'text', line 1, position 11."],
    [
      '{"text":"a" "b"}',
      'text',
      `After parsing a value an unexpected character was encountered: ". Path 'text', line 1, position 12.`,
    ],
    [
      '{"text" 1}',
      '',
      "Invalid character after parsing property name. Expected ':' but got: 1. Path '', line 1, position 8.",
    ],
    ['{-a:1}', '', "Invalid property identifier character: -. Path '', line 1, position 1."],
    ['{', '', "Unexpected end when deserializing object. Path '', line 1, position 1."],
    [
      '{"a b":{"it\'s":@}}',
      "['a b']['it\\'s']",
      "Unexpected character encountered while parsing value: @. Path '['a b']['it\\'s']', line 1, position 15.",
    ],
    ['{"x":/x', 'x', "Error parsing comment. Expected: *, got x. Path 'x', line 1, position 6."],
  ])('%s', (text, path, message) => {
    expect(read(text).errors).toEqual({ [path]: [message] })
  })

  test('what could not be converted is told together, and no more than the framework tells', () => {
    expect(Object.keys(read('{"flag":"x","count":"y","inner":{"flag":"z"}}').errors)).toEqual([
      'flag',
      'count',
      'inner.flag',
    ])
    const many = `{${'"flag":"x",'.repeat(50_000)}}`
    expect(read(many).errors['flag']).toHaveLength(200)
  })

  test('depth is bounded', () => {
    expect(readLeniently(`${'['.repeat(32)}${']'.repeat(32)}`).errors).toEqual({})
    for (const open of ['[', '{"a":', "{a:/**/['x',"]) {
      const [message] = Object.values(readLeniently(open.repeat(100_000)).errors).flat()
      expect(message).toMatch(/^The reader's MaxDepth of 32 has been exceeded\. Path '/)
    }
  })
})
