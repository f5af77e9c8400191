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

/** Every scope of an API this tenant can grant to any client that asks for one of its own. */
export const GRANTABLE_SCOPES: readonly string[] = [...SCOPES, ...ORCHESTRATOR_SCOPES]

/** Scopes of OpenID Connect: `openid` for an id_token, the others for claims in it. Users alone can grant them. */
export const IDENTITY_SCOPES: readonly string[] = ['openid', 'profile', 'email']

/** For a refresh token. Every client that users sign in with may ask for it. */
export const OFFLINE_ACCESS = 'offline_access'

// Real server: what its command line for Python asks for by default (observed). They open nothing here.
/** Scopes of other services, which the vendor's own clients ask for when a user signs in. */
export const SERVICE_SCOPES: readonly string[] = [
  ...['ProcessMining', 'OrchestratorApiUserAccess', 'StudioWebBackend', 'IdentityServerApi', 'ConnectionService'],
  ...[
    'DataService',
    'DataServiceApiUserAccess',
    'DocumentUnderstanding',
    'Du.Digitization.Api',
    'Du.Classification.Api',
  ],
  ...['Du.Extraction.Api', 'Du.Validation.Api', 'EnterpriseContextService', 'Directory', 'JamJamApi', 'LLMGateway'],
  ...['LLMOps', 'OMS', 'RCS.FolderAuthorization', 'TM.Projects', 'TM.TestCases', 'TM.Requirements', 'TM.TestSets'],
  ...['AutomationSolutions', 'AT.TrackOperations', 'Docs.GPT.Search', 'ReferenceToken'],
]

/** Every scope that a client can be registered with. */
export const REGISTRABLE_SCOPES: readonly string[] = [
  ...GRANTABLE_SCOPES,
  ...IDENTITY_SCOPES,
  OFFLINE_ACCESS,
  ...SERVICE_SCOPES,
]

/** Whether only a user can grant it. */
export const isUserScope = (scope: string) => IDENTITY_SCOPES.includes(scope) || scope === OFFLINE_ACCESS

/**
 * The audiences of a token that carries PM scopes.
 * Assumed: which API resource stands behind the PM scopes is not published.
 */
export const AUDIENCES = ['IdentityServerApi', 'PlatformManagement']
