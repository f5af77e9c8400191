// Requests with something wrong in each of them: odd texts where ids belong, wrong types, broken JSON, odd headers.
// None of them may be answered with a change, whatever the caller is allowed to do.
import fc from 'fast-check'
import { type $ZodType, safeParse, toJSONSchema } from 'zod/v4/core'
import type { Operation } from '../../src/http/contract.ts'
import { parseJson } from '../../src/http/json-body.ts'
import { targetOf } from '../../src/http/json-target.ts'
import { readLeniently } from '../../src/http/lenient-json.ts'
import { all, groupId, matches, member, partitionGlobalId, pathOf, removes } from './every-operation.ts'

/** Texts that are no id, key or name of anything. */
const oddText = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  fc.string({ minLength: 257, maxLength: 2000 }),
  fc.uuid(),
  fc.constantFrom(
    '%',
    '%zz',
    '%C3',
    '%00',
    '%F0%9F%98%80',
    '%2e%2e%2f',
    '\0',
    '\ud800',
    '\udfff\ud800',
    '\ufeff',
    '\u202e',
  ),
  fc.constantFrom(
    'null',
    'undefined',
    'NaN',
    '-1',
    '0',
    '1e309',
    '__proto__',
    'constructor',
    'toString',
    '*',
    '{}',
    '[]',
  ),
  fc.constantFrom(
    "' or 1=1 --",
    '"; drop table groups; --',
    '?1',
    ':partitionGlobalId',
    '$.a',
    'a'.repeat(9000),
    '\\',
    '..',
  ),
  fc
    .constantFrom('\0', ' ', '\u0301', '%', '\ud800', '\n')
    .chain((end) => fc.constantFrom(partitionGlobalId, groupId, member).map((id) => `${id}${end}`)),
)

/** Not the id of a setting, which is a number. */
const oddId = oddText.filter((text) => !/^\s*[+-]?\d{1,4}\s*$/.test(text))
const encoded = oddId.map((text) => encodeURIComponent(text.toWellFormed()))
/** As one would write it into a URL by hand. An id that is known would be one again once the URL is tidied. */
const unencoded = oddId.filter((text) => ![partitionGlobalId, groupId, member].some((id) => text.startsWith(id)))
const segment = fc.oneof(encoded, unencoded)

const name = fc.oneof(
  fc.constantFrom('key', 'partitionGlobalId', 'userId', 'KEY', '__proto__', 'constructor', ''),
  encoded,
)
const query = fc
  .array(fc.tuple(name, fc.oneof(segment, fc.constant(''))), { maxLength: 20 })
  .map((pairs) => pairs.map(([left, right]) => `${left}=${right}`).join('&'))

/** JSON texts that are wrong wherever a string, a list of strings or a list of settings belongs. */
const wrongType = fc.oneof(
  fc.constantFrom(
    'true',
    'false',
    '1',
    '-0',
    '1e999',
    '-1E400',
    '9'.repeat(400),
    '[[]]',
    '[null]',
    '[1e999]',
    '[{}]',
    '{}',
  ),
  fc.constantFrom('{"__proto__":{"length":1}}', '[{"__proto__":{"key":"a"}}]', '{"constructor":{"prototype":{}}}'),
  fc.constantFrom(`${'['.repeat(9000)}${']'.repeat(9000)}`, `${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}`),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc
    .array(fc.oneof(fc.integer(), fc.boolean(), fc.constant(null)), { minLength: 1, maxLength: 5 })
    .map((list) => JSON.stringify(list)),
  fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 5 }).map((object) => JSON.stringify(object)),
)

const oddIds = fc.array(oddText, { minLength: 1, maxLength: 5 }).map((ids) => [member, ...ids])
const setting = { key: 'new', value: 'value' }
const wrongSetting = fc.oneof(
  fc.constantFrom<object>(
    {},
    { value: 'a' },
    { key: '' },
    { key: 'a\0b' },
    { key: '\ud800' },
    { key: 'a'.repeat(1025) },
  ),
  fc.constantFrom<object>(
    { key: 'a', value: { a: 1 } },
    { key: 'a', value: [] },
    { key: 'a', value: '\0' },
    { key: 'a', value: '\udfff' },
  ),
  fc
    .constantFrom('', '{', 'null', '[]', '{"Length":-1}', '{"Length":1e999}', '{"Length":"x"}', '{"HasDigit":"yes"}')
    .map((value): object => ({ key: 'Auth.Password.PasswordComplexity', value })),
  fc.constant<object>(setting),
)

/** Values of the right type that are refused all the same, by property. */
const refusedValues: Record<string, fc.Arbitrary<unknown>> = {
  partitionGlobalId: oddText,
  userId: oddText,
  name: fc.constantFrom(null, '', ' ', '\t\n', 'a'.repeat(257), 'Everyone', 'EVERYONE'),
  directoryUserIDsToAdd: oddIds,
  directoryUserIDsToRemove: fc.constantFrom([''], ['a'.repeat(257)], [member, '']),
  id: fc.constantFrom('', 'x', groupId, groupId.toUpperCase(), '00000000-0000-0000-0000-000000000000', ` ${member}`),
  displayName: fc.constantFrom('a\0', '\ud800', 'a'.repeat(257)),
  directoryUserMemberIDs: oddIds,
  groupIDsToAdd: oddIds,
  groupIDsToRemove: fc.constantFrom([''], ['a'.repeat(257)], [groupId, '']),
  groupIDs: fc.constantFrom([''], ['a'.repeat(257)], [groupId, '']),
  robotAccountIDs: fc.constantFrom([''], ['a'.repeat(257)], [groupId, '']),
  settings: fc.oneof(
    wrongSetting.map((wrong) => [setting, wrong]),
    fc.constant(Array.from({ length: 1001 }, (_, index) => ({ ...setting, key: `key ${index}` }))),
  ),
}

/** A body every operation would accept on a path with known ids; the id is taken, so that it creates no group. */
const acceptable = {
  partitionGlobalId,
  name: 'Renamed',
  settings: [setting],
  directoryUserIDsToAdd: [member],
  id: groupId,
}

const nestedText = fc.constantFrom('[', '{"settings":', '[{"a":').map((open) => open.repeat(60_000))
const noObject = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '{',
    '[]',
    'null',
    '"',
    `}${JSON.stringify(acceptable)}`,
    `,${JSON.stringify(acceptable)}`,
    `\0${JSON.stringify(acceptable)}`,
  ),
  nestedText,
  fc
    .jsonValue()
    .map((value) =>
      JSON.stringify({ ...acceptable, name: null, displayName: {}, settings: value === null ? 1 : { value } }),
    ),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 200 }),
)

/**
 * Operations that refuse {@link refusedValues} though their schemas take some of them, because of what is stored. To all
 * others only what fails their schema is sent: a new one may take any name, and of a user a broken rule may be a 200.
 */
const JUDGED_BY_STATE = /^(?!User_(?:CreateUser|Update)$)(?:Group|Setting|RobotAccount|User|Directory)_/

/** Whether that body is read, numbers as texts and so on. What is read may be refused all the same. */
function isRead(schema: $ZodType | undefined, body: string) {
  if (!schema) return false
  const parsed = parseJson(body)
  if (parsed && safeParse(schema, parsed.value).success) return true
  const { value, errors } = readLeniently(body, targetOf(schema))
  return Object.keys(errors).length === 0 && safeParse(schema, value).success
}

/** {@link acceptable}, with one of the operation's own properties spoiled. */
function spoiled({ contract }: Operation): fc.Arbitrary<string | Uint8Array> {
  const { properties = {} } = contract.json ? toJSONSchema(contract.json, { io: 'input', unrepresentable: 'any' }) : {}
  const [first, ...rest] = Object.keys(properties)
  if (first === undefined) return noObject
  const judgedBySchema = !JUDGED_BY_STATE.test(contract.operationId)
  const body = judgedBySchema ? { ...acceptable, userName: 'fresh' } : acceptable
  return fc.constantFrom(first, ...rest).chain((property) => {
    const others = JSON.stringify({ ...body, [property]: undefined }).slice(0, -1)
    const values = refusedValues[property]?.map((value) => JSON.stringify(value)) ?? wrongType
    const isWrong = (text: string) => !isRead(contract.json, `${others},"${property}":${text}}`)
    const spelling = fc.constantFrom(property, property.toUpperCase())
    const wrongValues = wrongType.filter(isWrong)
    const wrong = judgedBySchema ? fc.oneof(wrongValues, values).filter(isWrong) : fc.oneof(wrongValues, values)
    return fc.tuple(spelling, wrong).map(([as, value]) => `${others},"${as}":${value}}`)
  })
}

const headers = fc.dictionary(
  fc.constantFrom(
    ...['Accept', 'Accept-Encoding', 'Content-Encoding', 'Content-Length', 'Cookie', 'Expect', 'Forwarded', 'If-Match'],
    ...['Origin', 'Range', 'TE', 'traceparent', 'X-Forwarded-Proto', 'X-HTTP-Method-Override', 'X-UIPATH-TenantName'],
  ),
  fc.oneof(fc.string({ maxLength: 60 }), fc.constantFrom('-1', '0', '99999999999', 'gzip', 'PUT', 'a'.repeat(9000))),
  { maxKeys: 3 },
)
const type = fc.oneof(
  { weight: 8, arbitrary: fc.constant('application/json') },
  fc.constantFrom(
    undefined,
    'application/x-www-form-urlencoded',
    'text/json',
    'application/json; charset=utf-16',
    'application/json;;',
    'text/plain',
    '/',
  ),
)
const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND')

/** Requests to an operation's own path with a wrong body, to odd paths with any body, and to anywhere at all. */
export function requestsTo(operation: Operation) {
  const oddPath = fc.infiniteStream(segment).map((ids) => operation.path.replace(/:\w+/g, () => ids.next().value))
  const right = fc.constant(JSON.stringify(acceptable))
  const own = fc.constant(operation.method)
  const path = pathOf(operation)
  const wrongBody = { path: fc.constant(path), method: own, body: spoiled(operation) }
  // No body is wrong where none is read.
  const anyMethod = method.filter(
    (name) => name !== 'DELETE' || !all.some((other) => removes(other) && matches(other.path, path)),
  )
  const [, place = ''] = /^(.*\/)/.exec(operation.path) ?? []
  return fc.record({
    aim: fc.oneof(
      ...(removes(operation) ? [] : [{ weight: operation.contract.json ? 8 : 1, arbitrary: fc.record(wrongBody) }]),
      fc.record({ path: fc.constant(path), method: anyMethod, body: noObject }),
      fc.record({ path: oddPath, method: own, body: operation.path.includes(':') ? right : noObject }),
      fc.record({ path: segment.map((text) => `${place}${text}`), method, body: noObject }),
      fc.record({ path: segment.map((text) => `/${text}${operation.path}`), method, body: noObject }),
    ),
    query,
    headers,
    type,
  })
}
