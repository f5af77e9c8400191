// The sections that make up a tenant's document, and the tables that belong to none. A test holds every table to one of both.
import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import { signingKeys } from '../../auth/signing-key.table.ts'
import { clients } from '../../connect/client.table.ts'
import { directorySection } from '../../directory/directory.section.ts'
import { directoryCounts } from '../../directory/directory.table.ts'
import { grants, sessions } from '../../grants/grant.table.ts'
import { groupSection } from '../../groups/group.section.ts'
import { partitions } from '../../partitions/partition.table.ts'
import { settingSection } from '../../settings/setting.section.ts'
import { loginAttempts } from '../../users/login-attempt.table.ts'
import { peppers } from '../../users/pepper.table.ts'
import { formerUserSection } from '../../users/user.section.ts'
import { audit, controlKeys, faults, journal, snapshots, tenantControls, tenants } from '../control.table.ts'

/** In the order in which they are planted: each behind the sections that its entries refer to. */
export const SECTIONS = [directorySection, groupSection, settingSection, formerUserSection] as const

/** The properties of all sections. One that is missing here does not compile where documents are written. */
export const SECTION_SCHEMAS = {
  ...directorySection.schema,
  ...groupSection.schema,
  ...settingSection.schema,
  ...formerUserSection.schema,
}

export const LISTS = SECTIONS.flatMap(({ lists }) => lists)

/** Tables that belong to no section, each with the reason. */
export const WITHOUT_SECTION: readonly (readonly [table: SQLiteTable, reason: string])[] = [
  [directoryCounts, 'counted anew when the directory is planted'],
  [clients, 'a client is of one tenant alone, and its secret is not kept'],
  [partitions, 'what is planted in: a copy has an id and a name of its own'],
  [signingKeys, 'of the deployment, not of a tenant'],
  [peppers, 'of the deployment, not of a tenant'],
  [tenants, 'how long a tenant is kept is said of each'],
  [controlKeys, 'of those who call the control plane, not of a tenant'],
  [audit, 'of what was asked of the control plane; it outlives tenants'],
  [tenantControls, 'what is armed for a tenant is not part of its state'],
  [faults, 'what is armed for a tenant is not part of its state'],
  [journal, 'what was asked of a tenant is not part of its state'],
  [grants, 'what users granted to clients of one tenant means nothing in another'],
  [sessions, 'a browser is signed in to one tenant, not to its copies'],
  [loginAttempts, 'what was asked of a tenant is not part of its state'],
  [snapshots, 'a state of a tenant has no other states in it'],
]
