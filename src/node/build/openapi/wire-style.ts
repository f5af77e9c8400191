// How schemas of the emulated API are written: as the vendor's document writes them, so that a generator makes the same of
// both. Nothing is required there but what REQUIRED says, .NET's reference types may be null, and what is a number on the
// wire has the vendor's name beside it.

import type { Style } from './components.ts'
import { NAMES } from './names.ts'
import { mapSchema, refTo, type Schema } from './schema.ts'
import { UNSERVED } from './unserved-properties.ts'
import { DESCRIPTIONS, EXAMPLES, OF_COMPONENTS } from './vocabulary.ts'

/** What the vendor's document requires. */
const REQUIRED: Readonly<Record<string, string[]>> = {
  BulkCreateOrUpdateSettingsCommand: ['settings'],
  CreateOrUpdateSettingCommand: ['key'],
  BulkDeleteSettingsCommand: ['partitionGlobalId', 'settings'],
  VerifySmtpSettingsCommand: ['recipient'],
  DirectoryUser: ['objectType'],
  DirectoryGroup: ['objectType'],
  DirectoryRobotUser: ['objectType'],
  DirectoryApplication: ['objectType'],
}

/** Components that the vendor's document does not have keep what their schemas require. */
const OWN =
  /^(?:Token|OpenId|JsonWebKey|VerifySmtpSettingsResult|GroupMember|CreateUsersResult|Invite(?:d)?Users?Result|BulkResolveCommand)/

const GUID = /^(?:partitionGlobalId|userId|groupId|robotAccountId|id)$/
const GUIDS =
  /^(?:groupIDs?|groupIds|groupIDsTo(?:Add|Remove)|userIds|robotAccountIDs|directoryUser(?:Member)?IDs(?:To(?:Add|Remove))?)$/
const TIME = /^(?:creationTime|last(?:Modification|Login)Time|since)$/
const INT32 = /^(?:port|expires_in|top|skip)$/

/** What stands in the place of a property, by component and property. */
const ENUMERATED: Readonly<Record<string, string>> = {
  'GroupDto.type': 'GroupType',
  'UserDto.type': 'UserType',
  'CreateUserCommand.type': 'UserType',
  'CreateUserCommandBase.type': 'UserType',
  'GroupMemberDto.type': 'UserType',
  'UserLoginAttemptDto.result': 'LoginAttemptResult',
  'DirectoryEntityInfo.type': 'DirectoryEntityType',
  'ResolveCommand.entityType': 'DirectoryEntityType',
  'ResolveByNameCommand.entityType': 'DirectoryEntityType',
  'BulkResolveByNameCommand.entityType': 'DirectoryEntityType',
}

/** The directory's ids are texts in the vendor's document. */
const isText = (component: string | undefined) =>
  component !== undefined && /^(?:Directory|Resolve|BulkResolve|Membership)/.test(component)

const formatted = (name: string, schema: Schema, component: string | undefined): Schema => {
  if (schema.type === 'string' && !isText(component)) {
    if (GUID.test(name)) return { ...withoutLimits(schema), format: 'uuid' }
    if (name === 'email' && component !== undefined && /^(?:Create|Update)User/.test(component))
      return { ...schema, format: 'email' }
  }
  if (schema.type === 'string' && TIME.test(name)) return { ...schema, format: 'date-time' }
  if (schema.type === 'integer') return { ...schema, format: INT32.test(name) ? 'int32' : 'int64' }
  if (schema.items && !isText(component) && GUIDS.test(name)) {
    return { ...schema, items: { ...withoutLimits(schema.items), format: 'uuid' } }
  }
  return schema
}

const withoutLimits = ({ minLength, maxLength, pattern, ...schema }: Schema): Schema => schema

/** Whether it is of one of .NET's reference types: a text, a list, a map. */
const isReference = ({ type, format, items, additionalProperties }: Schema) =>
  (type === 'string' && format !== 'uuid' && format !== 'date-time') ||
  items !== undefined ||
  typeof additionalProperties === 'object'

/** Value types that the vendor's commands do not take null for, though the server does. */
const NOT_NULL =
  /^(?!BulkCreateOrUpdate|UpdateUser)\w+Command(?:Base)?\.(?:partitionGlobalId|bypassBasicAuthRestriction|invitationAccepted|validatePassword)$/

function property(component: string, name: string, schema: Schema): Schema {
  const place = `${component}.${name}`
  const enumeration = ENUMERATED[place]
  if (enumeration) return refTo(enumeration)
  const { nullable: accepted, ...plain } = formatted(name, schema, component)
  if (plain.$ref) return plain
  const isFree = !OWN.test(component) && !REQUIRED[component]?.includes(name)
  const nullable = OWN.test(component) ? accepted : isFree && (accepted || isReference(plain)) && !NOT_NULL.test(place)
  return { ...plain, ...described(component, name), ...(nullable && { nullable }) }
}

function described(component: string, name: string): Schema {
  const description = OF_COMPONENTS[`${component}.${name}`] ?? DESCRIPTIONS[name]
  const example = EXAMPLES[`${component}.${name}`] ?? EXAMPLES[name]
  return { ...(description && { description }), ...(example !== undefined && { example }) }
}

function object(component: string, { properties = {}, required, additionalProperties, ...rest }: Schema): Schema {
  const kept = OWN.test(component) ? required : REQUIRED[component]
  const all = { ...properties, ...UNSERVED[component] }
  return {
    ...rest,
    ...(OF_COMPONENTS[component] && { description: OF_COMPONENTS[component] }),
    ...(kept && { required: kept }),
    properties: Object.fromEntries(Object.entries(all).map(([name, one]) => [name, property(component, name, one)])),
    ...(typeof additionalProperties === 'object' && { additionalProperties }),
  }
}

const MEMBERS = ['DirectoryUser', 'DirectoryGroup', 'DirectoryRobotUser', 'DirectoryApplication']

/** Any entity of the directory, told apart by its `objectType`. */
const anyEntity = (nullable: boolean | undefined): Schema => ({
  ...(nullable && { type: 'object', nullable }),
  oneOf: MEMBERS.map(refTo),
  discriminator: {
    propertyName: 'objectType',
    mapping: Object.fromEntries(MEMBERS.map((name) => [name, `#/components/schemas/${name}`])),
  },
})

const isEntity = ({ oneOf = [] }: Schema) => oneOf.some(({ $ref }) => $ref === refTo('DirectoryUser').$ref)

const guid: Schema = { type: 'string', format: 'uuid' }

/** A body that is a list of ids. */
const isIdList = ({ items }: Schema) => items?.type === 'string' && items.minLength === 1

export const WIRE: Style = {
  names: NAMES,
  strict: false,
  refine(schema, component) {
    const open = mapSchema(schema, ({ additionalProperties, ...rest }) => ({
      ...(isEntity(rest) ? anyEntity(rest.nullable) : rest),
      ...(typeof additionalProperties === 'object' && { additionalProperties }),
    }))
    if (component !== undefined && open.properties) return object(component, open)
    return component === undefined && isIdList(open) ? { ...open, items: guid } : open
  },
}
