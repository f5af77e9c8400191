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

/** Every scope that can be granted. */
export const SCOPES: readonly Scope[] = RESOURCES.flatMap((resource): Scope[] => [
  `PM.${resource}`,
  `PM.${resource}.Read`,
  ...(READ_ONLY.some((name) => name === resource) ? [] : [`PM.${resource}.Write` as const]),
])

/**
 * The audiences of a token that carries PM scopes.
 * Assumed: which API resource stands behind the PM scopes is not published.
 */
export const AUDIENCES = ['IdentityServerApi', 'PlatformManagement']
