// The sections of a tenant's document, and the tables that are in none.
import { directorySection } from '../directory/directory.section.ts'
import { groupSection } from '../groups/group.section.ts'
import { settingSection } from '../settings/setting.section.ts'
import { formerUserSection } from '../users/user.section.ts'

/** In the order in which they are planted: what an entry refers to is in a section before its own. */
export const SECTIONS = [directorySection, groupSection, settingSection, formerUserSection] as const

export const LISTS = SECTIONS.flatMap(({ lists }) => lists)
