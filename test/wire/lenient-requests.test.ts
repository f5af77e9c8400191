// Every operation, asked in the forms the real server takes as well: bodies in loose JSON, and GUIDs as .NET writes them. And
// what no form helps: ids in lists that are neither GUIDs nor known.
import { beforeAll, describe, expect, test } from 'vitest'
import { foldNames } from '../../src/http/fold-names.ts'
import { targetOf } from '../../src/http/json-target.ts'
import { readLeniently } from '../../src/http/lenient-json.ts'
import { all, named, send } from '../support/every-operation.ts'
import { plantSettings, plantTargets } from '../support/subjects.ts'
import { adminOf, answer, call, createPartition } from '../support/tenant.ts'
import { type Subject, wellFormed } from '../support/well-formed-requests.ts'

const scoped = named(all.filter(({ contract }) => contract.scopes))
const withJson = named(all.filter(({ contract }) => contract.json))

let partition: string
let token: string
beforeAll(async () => {
  partition = await createPartition()
  token = await adminOf(partition)
})

/** Things that nobody has touched. */
async function subject(spell: (id: string) => string = (id) => id): Promise<Subject> {
  const [target, other] = await plantTargets([partition], 2)
  if (!target || !other) throw new Error('Two were to be planted.')
  const [settingId = 0] = await plantSettings(partition, [target.key])
  return {
    ...{ settingId, key: target.key, partitionGlobalId: spell(partition) },
    ...{ groupId: spell(target.groupId), robotAccountId: spell(target.robotAccountId), userId: spell(target.userId) },
    ...{ otherGroupId: spell(other.groupId), otherUserId: spell(other.userId) },
  }
}

/** The value in every notation that JSON has not. */
function loose(value: unknown): string {
  if (Array.isArray(value)) return `[/* list */${value.map((item) => `${loose(item)},`).join('\n')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([name, inner]) => `${name.toUpperCase()}: ${loose(inner)} // that\r\n,`)
      .join('')}}`
  }
  return typeof value === 'string' ? `'${value.replaceAll("'", "\\'")}'` : `"${value}"`
}

describe('a body in loose JSON', () => {
  test.each(withJson)('%s takes it, with text behind it', async (_, operation) => {
    const { path, type, body } = wellFormed(operation, await subject())
    const written = `// ${operation.path}\n${loose(JSON.parse(String(body)))}} trailing`
    const response = await send(operation, { token, path, type, body: written })
    expect([response.status < 300, await response.text()], written).toEqual([
      !path.includes('changepassword'),
      expect.anything(),
    ])
  })

  test.each(withJson)('%s reads it as the same body', async (_, { contract }) => {
    for (const operation of all.filter(({ contract: { json } }) => json === contract.json)) {
      const body = JSON.parse(String(wellFormed(operation, await subject()).body))
      const { value, errors } = readLeniently(loose(body), contract.json && targetOf(contract.json))
      expect(errors).toEqual({})
      expect(value).toEqual(contract.json && foldNames(contract.json)(body))
    }
  })
})

describe('what a body does not name', () => {
  /** As many lists in one another. */
  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

  test.each(withJson)('%s > is read no deeper than 32', async (_, operation) => {
    const { path, type, body } = wellFormed(operation, await subject())
    const begin = String(body).lastIndexOf('{') + 1
    if (begin === 0) return
    const within = String(body).slice(0, begin).match(/[{[]/g)?.length ?? 0
    const send32 = (levels: number) => {
      const deep = `${String(body).slice(0, begin)}"unknown":${nested(levels)},${String(body).slice(begin)}`
      return send(operation, { token, path, type, body: deep.replace(',}', '}') })
    }
    expect((await send32(33 - within)).status).toBe(400)
    const { errors } = await answer<{ errors: object }>(await send32(1000), 400)
    expect(JSON.stringify(errors)).toContain("The reader's MaxDepth of 32 has been exceeded. Path '")
    expect((await send32(32 - within)).status < 300).toBe(!path.includes('changepassword'))
  })
})

const FORMS: Record<string, (id: string) => string> = {
  N: (id) => id.replaceAll('-', ''),
  D: (id) => id.toUpperCase(),
  B: (id) => `{${id}}`,
  P: (id) => `(${id.toUpperCase()})`,
}

describe.each(Object.entries(FORMS))('GUIDs in the form %s', (_, spell) => {
  test.each(scoped)('%s', async (_, operation) => {
    // Names and searches are texts, for which the user's id stands in those requests.
    const isText = /Search|ByName|\/users\//.test(operation.path)
    const [plain, spelt] = [await subject(), await subject(spell)]
    if (isText) Object.assign(spelt, plain, { partitionGlobalId: spell(partition) })
    const before = await send(operation, { token, ...wellFormed(operation, plain) })
    const after = await send(operation, { token, ...wellFormed(operation, spelt) })
    const [one, other] = [await before.text(), await after.text()]
    expect(after.status, other).toBe(before.status)
    if (after.status < 300 && one !== '') expect(shapeOf(JSON.parse(other))).toEqual(shapeOf(JSON.parse(one)))
  })
})

/** How much there is of everything. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.entries(value).map(([name, inner]) => [/-/.test(name) ? '' : name, shapeOf(inner)])
}

test.each(['urn:uuid:', ' ', '{', '(', '{(', '0x'])('an id behind %j is no GUID', async (before) => {
  const id = crypto.randomUUID()
  for (const spelt of [`${before}${id}`, `${before}${id}}`, `${before}${id})`].filter(
    (text) => !/^(?:\{.*\}|\(.*\))$/.test(text),
  )) {
    await answer(await call('GET', `/api/Group/${partition}/${encodeURIComponent(spelt)}`, { token }), 400)
  }
})

describe('an id that is neither a GUID nor known', () => {
  const LISTS = /^(?:groupIDs|groupIds|groupIDsToAdd|groupIDsToRemove|userIds|robotAccountIDs|directoryUser\w+)$/

  test.each(withJson)('%s > 400 in a list, with its place, and nothing is changed', async (_, operation) => {
    const { path, type, body } = wellFormed(operation, await subject())
    const lists = [...String(body).matchAll(/"(\w+)":\[("[^"]*"),?/g)].filter(([, name = '']) => LISTS.test(name))
    const places = String(body).startsWith('["') ? [['', '', '']] : lists
    for (const [, name = ''] of places) {
      const spoiled =
        name === '' ? `\n ["nope"]` : `\n ${String(body).replace(new RegExp(`"${name}":\\[`), `"${name}":["nope",`)}`
      const response = await send(operation, { token, path, type, body: spoiled })
      const { errors } = await answer<{ errors: Record<string, string[]> }>(response, 400)
      const [field = '', messages = []] = Object.entries(errors)[0] ?? []
      expect(field.replace(/^\[0\]\.(?=.)/, '')).toBe(`${name}[0]`)
      const position = spoiled.indexOf('"nope"') + '"nope"'.length - 1
      expect(messages).toEqual([
        `Error converting value "nope" to type 'System.Guid'. Path '${field}', line 2, position ${position}.`,
      ])
    }
  })

  test('as a partition in a body has its place, in a path its value', async () => {
    const put = await call('PUT', '/api/Setting', { token, json: '{settings: [],\n "PartitionGlobalId": \'nope\'}' })
    const text = "Error converting value \"nope\" to type 'System.Guid'. Path 'PartitionGlobalId', line 2, position 28."
    expect((await answer<{ errors: object }>(put, 400)).errors).toEqual({ PartitionGlobalId: [text] })
    const get = await call('GET', '/api/Group/nope', { token })
    expect((await answer<{ errors: object }>(get, 400)).errors).toEqual({
      partitionGlobalId: ["The value 'nope' is not valid."],
    })
  })
})
