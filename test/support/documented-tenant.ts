// The documented tenant: how a first start plants it, and the documented group after the documented call.
import { env } from 'cloudflare:workers'
import { plantDocumentedTenant } from '../../src/seed/documented.ts'

const TABLES = ['group_members', 'groups', 'settings', 'clients', 'directory_entities', 'partitions']

/** Empties every table but the signing keys, lets ids start anew, and plants the documented tenant. */
export async function replant(d1: D1Database) {
  await d1.batch([
    ...TABLES.map((table) => d1.prepare(`delete from ${table}`)),
    d1.prepare('delete from sqlite_sequence'),
  ])
  await plantDocumentedTenant({ ...env, DB: d1 })
}

const student = (identifier: string, firstName: string, lastName: string) => ({
  objectType: 'DirectoryUser',
  firstName,
  lastName,
  jobTitle: 'student',
  companyName: 'Hogwarts',
  city: 'London',
  department: 'magic',
  displayName: `${firstName} ${lastName}`,
  source: 'local',
  identifier,
  name: firstName,
  email: `${firstName.toLowerCase()}@hogwarts.example`,
})

/** The documented answer to PUT Group. */
export const GRYFFINDORS = (lastModificationTime: string) => ({
  id: 'gryff-01',
  name: 'Gryffindors',
  displayName: 'Gryffindors',
  type: 1,
  creationTime: '2021-10-19T15:37:49.1853184',
  lastModificationTime,
  members: [
    student('her-1909', 'Hermione', 'Granger'),
    student('har-3107', 'Harry', 'Potter'),
    student('lun-1302', 'Luna', 'Lovegood'),
    student('ron-0103', 'Ron', 'Weasley'),
    student('nev-3007', 'Neville', 'Longbottom'),
  ],
})
