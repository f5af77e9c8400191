// The scopes of the Platform Management API.

// Real server: the vendor's table of scopes for platform management.
const RESOURCES = [
  'Group',
  'Setting',
  'User',
  'RobotAccount',
  'UserLoginAttempt',
  'MessageTemplate',
  'Audit',
  'OAuthApp',
  'OAuthAppSecret',
  'AuthSetting',
  'Directory',
  'License',
] as const

const READ_ONLY = ['UserLoginAttempt', 'Audit'] as const

type Resource = (typeof RESOURCES)[number]

/** `PM.Group` allows what `PM.Group.Read` and `PM.Group.Write` allow together. */
export type Scope = `PM.${Resource}` | `PM.${Resource}.Read` | `PM.${Resource}.Write`

/** Every scope that opens an operation here. */
export const SCOPES: readonly Scope[] = RESOURCES.flatMap((resource): Scope[] => [
  `PM.${resource}`,
  `PM.${resource}.Read`,
  ...(READ_ONLY.some((name) => name === resource) ? [] : [`PM.${resource}.Write` as const]),
])

// Real server: the vendor's table of scopes for Orchestrator.
const ORCHESTRATOR_RESOURCES = [
  ...['Administration', 'Analytics', 'Assets', 'Audit', 'BackgroundTasks', 'Execution'],
  ...['Folders', 'Hypervisor', 'Jobs', 'License', 'Machines', 'ML', 'Monitoring', 'Queues', 'Robots', 'Settings'],
  ...['Tasks', 'TestDataQueues', 'TestSetExecutions', 'TestSetSchedules', 'TestSets', 'Users', 'Webhooks'],
]

/** Scopes that a client may have for the sake of others: its SDKs ask for some by default, and they open nothing here. */
export const ORCHESTRATOR_SCOPES: readonly string[] = ORCHESTRATOR_RESOURCES.flatMap((resource) => [
  `OR.${resource}`,
  `OR.${resource}.Read`,
  `OR.${resource}.Write`,
])

/** Every scope this tenant can grant. */
export const GRANTABLE_SCOPES: readonly string[] = [...SCOPES, ...ORCHESTRATOR_SCOPES]

/**
 * The audiences of a token that carries PM scopes.
 * Assumed: which API resource stands behind the PM scopes is not published.
 */
export const AUDIENCES = ['IdentityServerApi', 'PlatformManagement']
