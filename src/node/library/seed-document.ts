// The state of a tenant as JSON: what a seed file holds, and what a dump is. Spelled out for those who have the package
// and not its sources; a test holds it to what the control plane takes.

/**
 * What all accounts have, whether or not their kind has a use for it. What is left out is made up or empty; instants are UTC
 * without a zone.
 */
export interface SeedAccount {
  readonly id?: string | undefined
  readonly displayName?: string | null | undefined
  readonly source?: string | null | undefined
  readonly email?: string | null | undefined
  readonly jobTitle?: string | null | undefined
  readonly companyName?: string | null | undefined
  readonly city?: string | null | undefined
  readonly department?: string | null | undefined
  readonly applicationId?: string | null | undefined
  readonly creationTime?: string | null | undefined
  readonly lastModificationTime?: string | null | undefined
  readonly lastLoginTime?: string | null | undefined
  /** Where the account stands among all of the directory. Those without come last. */
  readonly order?: number | undefined
}

/** A user. */
export interface SeedUser extends SeedAccount {
  readonly userName: string
  readonly name?: string | null | undefined
  readonly surname?: string | null | undefined
  readonly legacyId?: number | null | undefined
  readonly emailConfirmed?: boolean | undefined
  readonly isActive?: boolean | undefined
  readonly bypassBasicAuthRestriction?: boolean | undefined
  readonly invitationAccepted?: boolean | undefined
  readonly category?: number | undefined
  /** As a tenant keeps them, never the password itself. */
  readonly passwordHash?: string | null | undefined
  /** JSON. */
  readonly passwordHistory?: string | null | undefined
  /** JSON. */
  readonly extensionAttributes?: string | null | undefined
}

/** A robot account. */
export interface SeedRobotAccount extends SeedAccount {
  readonly name: string
  readonly firstName?: string | null | undefined
  readonly lastName?: string | null | undefined
}

/** An application in the directory. */
export interface SeedApplication extends SeedRobotAccount {}

/** A group. The built-in ones are there without being named. */
export interface SeedGroup {
  readonly id?: string | undefined
  readonly name: string
  /** 0 built-in, 1 custom, which it is unless told. */
  readonly type?: number | undefined
  readonly creationTime?: string | null | undefined
  readonly lastModificationTime?: string | null | undefined
  /** Ids, or names, of accounts of this document. */
  readonly members?: string[] | undefined
}

/** A setting. */
export interface SeedSetting {
  readonly id?: number | undefined
  readonly key: string
  readonly value?: string | null | undefined
  /** The user it belongs to, by id or name; none for the tenant's own. */
  readonly user?: string | null | undefined
}

/** An OAuth client. */
export interface SeedClient {
  readonly id?: string | undefined
  /** Made up where it is left out. */
  readonly secret?: string | undefined
  /** All that there are where they are left out. */
  readonly scopes?: string[] | undefined
}

/** A whole tenant. Name the published schema in `$schema`, and an editor completes the rest. */
export interface SeedDocument {
  readonly $schema?: string | undefined
  readonly users?: SeedUser[] | undefined
  readonly robotAccounts?: SeedRobotAccount[] | undefined
  readonly applications?: SeedApplication[] | undefined
  readonly groups?: SeedGroup[] | undefined
  readonly settings?: SeedSetting[] | undefined
  /** Their secrets are not kept, so a dump has none. */
  readonly clients?: SeedClient[] | undefined
  /** Ids of users that were deleted. */
  readonly formerUsers?: string[] | undefined
}
