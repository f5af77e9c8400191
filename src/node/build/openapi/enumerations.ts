// Enumerations of the emulated API: the vendor's document has names, and its answers numbers.
import type { Schema } from './schema.ts'

/** Names in the order of their numbers. Requests take either, answers have the number. */
const numbered = (description: string, names: readonly string[]): Schema => ({
  description: `${description} ${names.map((name, number) => `${number} ${name}`).join(', ')}.`,
  oneOf: [
    { type: 'string', enum: names },
    { type: 'integer', enum: names.map((_, number) => number) },
  ],
})

const named = (description: string, names: readonly string[]): Schema => ({ type: 'string', description, enum: names })

export const ENUMERATIONS: Readonly<Record<string, Schema>> = {
  GroupType: numbered('Whether every organization has the group.', ['builtIn', 'custom']),
  UserType: numbered('What an account is.', [
    ...['user', 'robot', 'directoryUser', 'directoryGroup', 'robotAccount', 'application'],
  ]),
  DirectoryEntityType: numbered('What an entity of the directory is.', ['user', 'group', 'application']),
  LoginAttemptResult: numbered('How an attempt to sign in ended.', [
    ...['success', 'invalidPassword', 'userIsNotActive', 'invalidUserNameTenancyName', 'tenantIsNotActive'],
    ...['userEmailIsNotConfirmed', 'unknownExternalLogin', 'lockedOut', 'externalFailedAuthentication', 'adLogin'],
  ]),
  SortOrderDto: named('Direction to sort in.', ['asc', 'desc']),
  SourceFilter: named('Where entities of the directory come from.', [
    ...['localUsers', 'directoryUsers', 'localGroups', 'directoryGroups', 'robotAccounts', 'applications'],
  ]),
}
