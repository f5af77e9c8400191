// Secrets among the settings of a tenant that comes as a document, or goes out as one.
import type { EncryptionEnv } from '../secrets/encryption-keys.ts'
import { sealSetting, unsealSetting } from '../settings/secret-settings.ts'
import type { Sections } from './document.ts'

/** The sections as the database keeps them. */
export const sealSections = async (env: EncryptionEnv, sections: Sections): Promise<Sections> => ({
  ...sections,
  settings: await Promise.all(sections.settings.map((setting) => sealSetting(env, setting, setting))),
})

/** The sections as they were written. */
export const unsealSections = async (env: EncryptionEnv, sections: Sections): Promise<Sections> => ({
  ...sections,
  settings: await Promise.all(sections.settings.map((setting) => unsealSetting(env, setting, setting))),
})
