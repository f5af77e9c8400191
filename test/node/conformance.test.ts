// `npm run conformance`: what differs between another OpenAPI document and ours, and how that is held to what is known. No
// document of the vendor's is kept here: the one compared is ours, changed.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { differencesOf } from '../../src/node/conformance/compare.ts'
import { report } from '../../src/node/conformance/conformance.ts'
import { type Document, readDocument } from '../../src/node/conformance/document.ts'
import { judge } from '../../src/node/conformance/known.ts'

const OURS = 'assets/openapi/external.json'
const ours = readDocument(OURS)
let place: string

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'conformance-'))
})
afterAll(() => rm(place, { recursive: true, force: true }))

/** What differs from ours if it is changed in the text. */
const changed = async (...changes: [from: string, to: string][]) => {
  const text = changes.reduce(
    (before, [from, to]) => {
      expect(before).toContain(from)
      return before.replaceAll(from, to)
    },
    await readFile(OURS, 'utf8'),
  )
  const theirs: Document = JSON.parse(text)
  return differencesOf(theirs, ours)
}

describe('what differs', () => {
  it('is nothing between a document and itself, as JSON and as YAML', () => {
    expect(differencesOf(ours, readDocument('assets/openapi/external.yaml'))).toEqual([])
  })

  it.each<[string, [string, string][], string[]]>([
    [
      'an operation that is missing, and one that is extra',
      [['/connect/token', '/connect/tokens']],
      ['operation extra: POST /connect/token', 'operation missing: POST /connect/tokens'],
    ],
    [
      'the name of an operation',
      [['"User_GetUsers"', '"User_List"']],
      ['operationId: GET /api/User/users/{partitionGlobalId}: theirs User_List, ours User_GetUsers'],
    ],
    [
      'a field of an answer, forward and backward',
      [['"emailConfirmed"', '"isEmailConfirmed"']],
      ['field extra: answer UserDto.emailConfirmed', 'field missing: answer UserDto.isEmailConfirmed'],
    ],
    [
      'a field of a request',
      [['"oldPassword"', '"formerPassword"']],
      [
        'field extra: request ChangeUserPasswordCommand.oldPassword',
        'field missing: request ChangeUserPasswordCommand.formerPassword',
      ],
    ],
    [
      'a value of an enumeration',
      [['"localGroups"', '"ownGroups"']],
      ['enum extra: request SourceFilter: localGroups', 'enum missing: request SourceFilter: ownGroups'],
    ],
    [
      'a parameter',
      [['"name":"userSID"', '"name":"sid"']],
      [
        'parameter extra: GET /api/User/{userId}/loginAttempts query userSID',
        'parameter missing: GET /api/User/{userId}/loginAttempts query sid',
      ],
    ],
    [
      'a range',
      [['"maximum":1000,', '"maximum":999,']],
      expect.arrayContaining([
        'range: request GET /api/User/users/{partitionGlobalId} top: theirs 0 to 999, ours 0 to 1000',
      ]),
    ],
    [
      'a format',
      [['"format":"email"', '"format":"idn-email"']],
      expect.arrayContaining(['format: request UpdateUserCommand.email: theirs idn-email, ours email']),
    ],
    [
      'a status',
      [['"429"', '"430"']],
      [
        'status extra: any 429',
        'status missing: POST /connect/deviceauthorization 430',
        'status missing: POST /connect/introspect 430',
        'status missing: POST /connect/revocation 430',
        'status missing: POST /connect/token 430',
      ],
    ],
    [
      'a media type',
      [['"text/json"', '"text/x-json"']],
      expect.arrayContaining(['media type missing: POST /api/User text/x-json']),
    ],
  ])('tells of %s', async (_, changes, differences) => {
    expect(await changed(...changes)).toEqual(differences)
  })
})

describe('what is known', () => {
  const found = ['field extra: answer UserDto.category', 'status extra: any 414', 'operation missing: GET /a']
  const listed = (...differences: string[]) => [{ reason: 'It is so.', source: 'a guide', differences }]

  it('is the exact set of what is found', () => {
    expect(judge(found, listed(...found))).toEqual({ fresh: [], closed: [], renamed: [] })
    expect(judge(found, listed(...found.slice(1))).fresh).toEqual(found.slice(0, 1))
    expect(judge(found.slice(1), listed(...found)).closed).toEqual(found.slice(0, 1))
  })

  it('has one in other words as renamed', () => {
    const [first = '', ...others] = found
    const other = 'field extra: answer UserDto.kind'
    expect(judge(found, listed(other, ...others))).toEqual({ fresh: [], closed: [], renamed: [[other, first]] })
  })

  it('has a reason and a source for each, once', () => {
    expect(() => judge(found, [{ reason: '', source: 'a guide', differences: found }])).toThrow('has no reason')
    expect(() => judge(found, [...listed(...found), ...listed(...found)])).toThrow('listed twice')
  })

  it('fails the command where it differs, and says how', async () => {
    const [file, known] = [join(place, 'theirs.json'), join(place, 'known.json')]
    const text = (await readFile(OURS, 'utf8')).replace('"title":"identity-edge"', '"title":"Theirs"')
    await writeFile(file, text.replaceAll('"emailConfirmed"', '"isEmailConfirmed"'))
    const name = `Theirs ${ours.info.version}`
    const write = (...differences: string[]) => writeFile(known, JSON.stringify({ [name]: listed(...differences) }))

    await write('field extra: answer UserDto.emailConfirmed', 'field missing: answer UserDto.isEmailConfirmed')
    expect(report(file, known)).toMatchObject({ conforms: true })
    await write('field extra: answer UserDto.emailConfirmed', 'operation missing: GET /gone')
    const { lines, conforms } = report(file, known)
    expect(conforms).toBe(false)
    expect(lines).toContain('new: field missing: answer UserDto.isEmailConfirmed')
    expect(lines).toContain('closed, and still listed: operation missing: GET /gone')
    await writeFile(known, '{}')
    expect(report(file, known)).toMatchObject({ conforms: false })
  })
})
