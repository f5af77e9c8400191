// What is particular about the document of the emulated API.
import type { Operation } from '../../../http/contract.ts'
import { BASE_PATH } from '../../../http/path.ts'
import type { Description } from './document.ts'
import { WIRE_COMPONENTS } from './errors.ts'
import { PARAMETERS } from './parameters.ts'
import { answersOf, SHARED, sharedAnswers } from './responses.ts'
import { DESCRIPTIONS } from './vocabulary.ts'
import { WIRE } from './wire-style.ts'

const REFUSALS = sharedAnswers(SHARED)

const TAGS: Readonly<Record<string, string>> = {
  Health: 'Whether the server is up.',
  Ready: 'Whether the deployment is fit to be sent requests.',
  OpenApi: 'This document.',
  Connect: 'Access tokens.',
  Discovery: 'What a client of OpenID Connect asks first.',
  Setting: 'Settings of partitions and of users.',
  Group: 'Groups and their members.',
  RobotAccount: 'Accounts of unattended processes.',
  Directory: 'Users, robot accounts, applications and groups, found by id or by name.',
  User: 'Users.',
  UserPartition: 'Users of a partition.',
  UserLoginAttempt: 'Attempts to sign in.',
  Portal: 'The organization and its tenants, as command lines ask for them after a sign-in.',
  Organization: 'All about an organization.',
}

function describe({ contract }: Operation): string {
  const { scopes, callers, owner, evidence = 'documented' } = contract
  const sentences = [
    scopes?.length ? `Takes any one of the scopes ${scopes.join(', ')}.` : undefined,
    scopes?.length === 0 ? 'Any token will do.' : undefined,
    scopes === undefined ? 'Takes no token.' : undefined,
    callers && `For: ${callers.map((role) => (role === 'self' ? `the user itself (${owner})` : role)).join(', ')}.`,
    `Known from: ${evidence}.`,
  ]
  return sentences.filter((sentence) => sentence !== undefined).join(' ')
}

export const external = (version: string): Description => ({
  title: 'identity-edge',
  version,
  description:
    'The Platform Management API of an identity server, as a test tenant answers it. Ids of seeded tenants may be no GUIDs.',
  server: BASE_PATH,
  bearer: { format: 'JWT', description: 'An access token of `connect/token`.' },
  style: WIRE,
  components: WIRE_COMPONENTS,
  // Real server: what its own document declares.
  otherMedia: ['application/json-patch+json', 'text/json', 'application/*+json'],
  tags: TAGS,
  tagOf: ({ contract }) => contract.operationId.split('_')[0] ?? '',
  describe,
  isPublic: ({ contract }) => contract.scopes === undefined,
  shared: REFUSALS,
  answersOf: ({ contract }, components) => answersOf(contract, components, REFUSALS),
  parameters: PARAMETERS,
  descriptions: DESCRIPTIONS,
})
