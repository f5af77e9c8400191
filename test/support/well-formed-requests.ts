// A request that an operation accepts, written from its own schemas: what a property gets is told by its name alone.
import { type $ZodType, toJSONSchema } from 'zod/v4/core'
import type { Operation } from '../../src/http/contract.ts'
import type { Sent } from './every-operation.ts'

/** What a request is about. Lists whose entries are to be removed get the `other` one, as one that is in both stays. */
export interface Subject {
  /** The partition to name, by whatever property an operation has for it. */
  partitionGlobalId: string
  groupId: string
  otherGroupId?: string
  robotAccountId: string
  userId: string
  otherUserId?: string
  /** The row id of a setting. */
  settingId: number
  /** The key of a setting. */
  key: string
}

interface Schema {
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
}

type Value = string | number | Value[] | { [name: string]: Value } | undefined

let made = 0

/** Names nobody has yet, and what else an operation asks for. */
const fresh = () => {
  const name = `made-${++made}`
  return {
    id: crypto.randomUUID(),
    email: `${name}@example.com`,
    redirectUrl: 'https://cloud.uipath.com/portal_/acceptInvite',
    recipient: 'somebody@example.com',
    host: 'mail.example.com',
    port: 25,
    value: 'changed',
    oldPassword: 'before',
    newPassword: 'after',
    ...{ name, userName: name, displayName: name },
  }
}

/** Ids and texts by the names of the properties that take them; what is not here is left out. */
function valuesFor(subject: Subject): Record<string, Value> {
  const { groupId, userId, robotAccountId, settingId, key, partitionGlobalId } = subject
  const { otherGroupId = groupId, otherUserId = userId } = subject
  return {
    ...fresh(),
    ...{ partitionGlobalId, groupId, userId, robotAccountId, key, settingId: String(settingId) },
    ...{ entityId: userId, entityName: userId, startsWith: userId.slice(0, 8), searchTerm: userId.slice(0, 8) },
    ...{ groupIDs: groupId, groupIds: groupId, groupIDsToAdd: groupId, groupIDsToRemove: otherGroupId },
    ...{ userIds: userId, robotAccountIDs: robotAccountId, directoryUserMemberIDs: userId, entityNames: userId },
    ...{ directoryUserIDsToAdd: userId, directoryUserIDsToRemove: otherUserId, settings: key },
  }
}

/** The operation's request about `subject`. */
export function wellFormed({ path, contract }: Operation, subject: Subject): Sent & { path: string } {
  const values = valuesFor(subject)
  const place = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(values[name])))
  const query = contract.query ? new URLSearchParams(pairs(fill(schemaOf(contract.query), values))) : ''
  const body = contract.json && JSON.stringify(fill(schemaOf(contract.json), values, [subject.groupId, subject.userId]))
  return { path: `${place}?${query}`, ...(body !== undefined && { body, type: 'application/json' }) }
}

/** The names of what the operation takes, by path, query or body, where lists and objects are looked into. */
export const propertiesOf = ({ contract }: Operation): string[] =>
  [contract.param, contract.query, contract.json].flatMap((schema) => (schema ? namesIn(schemaOf(schema)) : []))

const schemaOf = (schema: $ZodType): Schema =>
  JSON.parse(JSON.stringify(toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })))

const namesIn = ({ properties = {}, items, anyOf = [] }: Schema): string[] => [
  ...Object.entries(properties).flatMap(([name, inner]) => [name, ...namesIn(inner)]),
  ...(items ? namesIn(items) : []),
  ...anyOf.flatMap(namesIn),
]

const pairs = (query: Value): [string, string][] =>
  Object.entries(query ?? {}).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  )

/** `given` is what stands in the schema's place; a list has it for its entries. */
function fill(schema: Schema, values: Record<string, Value>, given?: Value): Value {
  const { properties, required = [], items } = schema.anyOf?.find(({ items: list }) => list) ?? schema
  if (items) return items.properties ? [fill(items, values)] : [given ?? []].flat()
  if (!properties) return given
  const filled = Object.entries(properties).map(([name, inner]) => {
    const value = inner.properties && !required.includes(name) ? undefined : fill(inner, values, values[name])
    if (value === undefined && required.includes(name)) throw new Error(`A test has to know what to send as ${name}.`)
    return [name, value] as const
  })
  return Object.fromEntries(filled.filter(([, value]) => value !== undefined))
}
