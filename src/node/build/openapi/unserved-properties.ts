// Properties of the vendor's schemas that mean nothing here: never in an answer, and without effect in a request. They are
// declared all the same, as programs that are typed by the vendor's document name them.
import { refTo, type Schema } from './schema.ts'

export const UNSERVED: Readonly<Record<string, Record<string, Schema>>> = {
  CreateUserCommand: { userLogins: { type: 'array', items: refTo('CreateUserLoginCommand') } },
  DirectoryUser: {
    extensionUserAttributes: { type: 'object', additionalProperties: { type: 'string' } },
    externalId: { type: 'string' },
    creationTime: { type: 'string' },
  },
}

/** Components that only such properties have. */
export const UNSERVED_COMPONENTS: Readonly<Record<string, Schema>> = {
  CreateUserLoginCommand: {
    type: 'object',
    description: 'An account of another identity provider. Accepted, and without effect here.',
    properties: {
      loginProvider: { type: 'string', description: 'Name of the provider.', nullable: true },
      providerKey: { type: 'string', description: 'Id of the account there.', nullable: true },
      providerDisplayName: { type: 'string', description: 'Name of the account as it is shown.', nullable: true },
    },
  },
}
