// The state of a tenant as JSON: the content of a seed file, and of a dump.
// Written out from the control plane's zod schemas, because the package's declarations must not need zod;
// test/node/wire-types.test.ts compares the two.

/**
 * What users, robot accounts and applications have in common. Only the names are required. Texts have up to 256 UTF-16
 * units. Instants are ISO 8601 in UTC without a zone, with up to seven fractional digits: `2021-10-20T12:00:00.1234567`.
 *
 * @example
 * ```ts
 * const account: SeedAccount = { id: 'lun-1302', email: 'luna@hogwarts.example', source: 'aad' }
 * ```
 */
export interface SeedAccount {
  /** Unique in the tenant. A random UUID by default. */
  readonly id?: string | undefined
  /** The name that is shown. By default made of the account's other names. */
  readonly displayName?: string | null | undefined
  /** The directory it comes from, such as `aad`. `local` by default. */
  readonly source?: string | null | undefined
  /** The e-mail address. */
  readonly email?: string | null | undefined
  /** The job title. */
  readonly jobTitle?: string | null | undefined
  /** The company. */
  readonly companyName?: string | null | undefined
  /** The city. */
  readonly city?: string | null | undefined
  /** The department. */
  readonly department?: string | null | undefined
  /** The id of the application in the directory the account comes from. */
  readonly applicationId?: string | null | undefined
  /** When it was created, an instant. The time of planting by default. */
  readonly creationTime?: string | null | undefined
  /** When it was last changed, an instant. */
  readonly lastModificationTime?: string | null | undefined
  /** When it last signed in, an instant. */
  readonly lastLoginTime?: string | null | undefined
  /**
   * A whole number that orders accounts of all kinds in listings. Accounts without one come last, in the document's order.
   */
  readonly order?: number | undefined
}

/**
 * A user.
 *
 * @example
 * ```ts
 * const luna: SeedUser = { userName: 'luna', name: 'Luna', surname: 'Lovegood', email: 'luna@hogwarts.example' }
 * const tenant = await startTenant({ seed: { users: [luna] } })
 * ```
 */
export interface SeedUser extends SeedAccount {
  /** The name to sign in with. */
  readonly userName: string
  /** The first name. */
  readonly name?: string | null | undefined
  /** The last name. */
  readonly surname?: string | null | undefined
  /** The whole number by which older versions of the API name the user. Given out by default. */
  readonly legacyId?: number | null | undefined
  /** Whether the e-mail address is confirmed. True by default. */
  readonly emailConfirmed?: boolean | undefined
  /** Whether the user may sign in. True by default. */
  readonly isActive?: boolean | undefined
  /** The flag of that name in the API. False by default. */
  readonly bypassBasicAuthRestriction?: boolean | undefined
  /** Whether the user has accepted the invitation. True by default. */
  readonly invitationAccepted?: boolean | undefined
  /** The whole number of that name in the API. 0 by default. */
  readonly category?: number | undefined
  /** In a dump without hashes: whether the user has a password. It is not loaded: the password has to be set anew. */
  readonly hasPassword?: boolean | undefined
  /** What the user signs in with, in clear, up to 256 units. Only its hash is kept, so a dump has none. */
  readonly password?: string | undefined
  /** A password hash in the form in which a dump has it, up to 1,000 units. Never the password itself. */
  readonly passwordHash?: string | null | undefined
  /** Hashes of former passwords: JSON in a text, in the form in which a dump has it, up to 100,000 units. */
  readonly passwordHistory?: string | null | undefined
  /** The attributes of that name in the API: JSON in a text, up to 100,000 units. */
  readonly extensionAttributes?: string | null | undefined
  /** Failed attempts to sign in since the last that succeeded. 0 by default. */
  readonly accessFailedCount?: number | undefined
  /** Until when the user is locked out, in milliseconds since the epoch. Not at all by default. */
  readonly lockoutEnd?: number | null | undefined
}

/**
 * A robot account.
 *
 * @example
 * ```ts
 * const owl: SeedRobotAccount = { name: 'owl', displayName: 'Owl post' }
 * const tenant = await startTenant({ seed: { robotAccounts: [owl] } })
 * ```
 */
export interface SeedRobotAccount extends SeedAccount {
  /** The account's name. It is also its display name by default. */
  readonly name: string
  /** The first name in directory entries. */
  readonly firstName?: string | null | undefined
  /** The last name in directory entries. */
  readonly lastName?: string | null | undefined
}

/**
 * An application in the directory.
 *
 * @example
 * ```ts
 * const library: SeedApplication = { name: 'library', applicationId: 'lib-01' }
 * const tenant = await startTenant({ seed: { applications: [library] } })
 * ```
 */
export interface SeedApplication extends SeedRobotAccount {}

/**
 * A group. The built-in groups exist without being named.
 *
 * @example
 * ```ts
 * const group: SeedGroup = { name: 'Gryffindors', members: ['neville'] }
 * const tenant = await startTenant({ seed: { users: [{ userName: 'neville' }], groups: [group] } })
 * ```
 */
export interface SeedGroup {
  /** Unique in the tenant. A random UUID by default; for the name of a built-in group, that group's id. */
  readonly id?: string | undefined
  /** The group's name, up to 256 UTF-16 units. */
  readonly name: string
  /** 0 for a built-in group, 1 for a custom one. 1 by default. */
  readonly type?: number | undefined
  /** When it was created, an instant as in `SeedAccount`. The time of planting by default. */
  readonly creationTime?: string | null | undefined
  /** When it was last changed, an instant. */
  readonly lastModificationTime?: string | null | undefined
  /** Ids or names of accounts in the same document. Another one is refused with status 422. */
  readonly members?: string[] | undefined
}

/**
 * A setting of the tenant, or of one of its users.
 *
 * @example
 * ```ts
 * const host: SeedSetting = { key: 'Email.Smtp.Host', value: 'smtp.example' }
 * const theme: SeedSetting = { key: 'Theme', value: 'dark', user: 'luna' }
 * const tenant = await startTenant({ seed: { users: [{ userName: 'luna' }], settings: [host, theme] } })
 * ```
 */
export interface SeedSetting {
  /**
   * From 1 to 2,147,483,647. It is kept if no setting of any tenant has it and it is at most 1,000,000, or the highest id given
   * out so far if that is greater. Else, and by default, one is given out.
   */
  readonly id?: number | undefined
  /** Up to 1,024 UTF-16 units. */
  readonly key: string
  /** Up to 1,048,576 UTF-16 units, in clear even if it is a secret. */
  readonly value?: string | null | undefined
  /** Id or name of the user it belongs to, in the same document. Without one the setting is the tenant's. */
  readonly user?: string | null | undefined
}

/**
 * An OAuth client, for `connect/token` and `connect/authorize`. A document without clients gives a tenant two: one with all scopes, one that reads.
 *
 * @example
 * ```ts
 * const client: SeedClient = { id: 'my-service', secret: 'my-service-secret', scopes: ['PM.Group', 'PM.User.Read'] }
 * const app: SeedClient = { id: 'my-app', public: true, redirectUris: ['http://localhost:3000/callback'] }
 * const tenant = await startTenant({ seed: { clients: [client, app] } })
 * ```
 */
export interface SeedClient {
  /** Unique among all tenants of a server: one that is taken is refused with status 409. Made up by default. */
  readonly id?: string | undefined
  /** From 8 to 256 UTF-16 units. Made up by default. */
  readonly secret?: string | undefined
  /** Whether it is one that cannot keep a secret: it has none, and proves with PKCE that a code is its own. */
  readonly public?: boolean | undefined
  /** What it is called on the sign-in page; its id by default. */
  readonly name?: string | undefined
  /** The scopes it may ask for. All that exist by default; an unknown one is refused with status 400. */
  readonly scopes?: string[] | undefined
  /** Where its users may be sent back to after they have signed in. Compared exactly. None by default. */
  readonly redirectUris?: string[] | undefined
  /**
   * How it may ask for tokens. By default `client_credentials` unless it is public, and `authorization_code` if it has
   * redirect addresses.
   */
  readonly grantTypes?:
    | ('authorization_code' | 'client_credentials' | 'password' | 'urn:ietf:params:oauth:grant-type:device_code')[]
    | undefined
  /** Whether authorization requests need PKCE, as those of a public client always do. True by default. */
  readonly requirePkce?: boolean | undefined
}

/**
 * The whole state of a tenant: what `seed` and `load` take, and `dump` returns. As JSON it has up to 32 MiB, with up to
 * 200,000 entries in a list and 100 clients.
 *
 * @example
 * ```ts
 * const seed: SeedDocument = {
 *   users: [{ userName: 'luna', name: 'Luna', surname: 'Lovegood' }],
 *   groups: [{ name: 'Administrators', members: ['luna'] }],
 *   settings: [{ key: 'Email.Smtp.Host', value: 'smtp.example' }],
 * }
 * const tenant = await startTenant({ seed })
 * ```
 */
export interface SeedDocument {
  /** The path or URL of the JSON Schema, for editors: `./node_modules/identity-edge/dist/seeds/tenant.schema.json`. */
  readonly $schema?: string | undefined
  /** The users. */
  readonly users?: SeedUser[] | undefined
  /** The robot accounts. */
  readonly robotAccounts?: SeedRobotAccount[] | undefined
  /** The applications in the directory. */
  readonly applications?: SeedApplication[] | undefined
  /** The groups. Built-in groups that are not named are added. */
  readonly groups?: SeedGroup[] | undefined
  /** The settings of the tenant and of its users. */
  readonly settings?: SeedSetting[] | undefined
  /** The OAuth clients. A dump has none, because only hashes of their secrets are stored. */
  readonly clients?: SeedClient[] | undefined
  /** Ids of deleted users. */
  readonly formerUsers?: string[] | undefined
}
