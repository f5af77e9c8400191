// Column types that tables of several rooms share.
import { customType } from 'drizzle-orm/sqlite-core'

/**
 * An id as clients write it: a GUID, or any other string a tenant was seeded with.
 * It is stored as given and compared without regard to ASCII case, as GUIDs are.
 */
export const identifier = customType<{ data: string }>({ dataType: () => 'text collate nocase' })

/** An instant as the API prints it: UTC, no zone, up to seven fractional digits, trailing zeros trimmed. */
export const instant = customType<{ data: string }>({ dataType: () => 'text' })
