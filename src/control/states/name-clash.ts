// What is said of names that are the same. It imports nothing, since the library's declarations are built without the Worker's.

/** What names are unique among. */
export const KINDS = ['userName', 'email', 'robotAccount', 'group'] as const
export type Kind = (typeof KINDS)[number]

/** A name that is the same as another, which has the key. Both stay; only a third is refused. */
export interface Clash {
  partition: string
  kind: Kind
  /** Of the account or group. */
  id: string
  name: string
}
