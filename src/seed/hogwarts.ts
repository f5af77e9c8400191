// The organization of the documented calls, as data.
import type { EntitySeed } from '../directory/directory.seed.ts'
import { USER_TYPE } from '../directory/member.ts'
import { GROUP_TYPE } from '../groups/group.schema.ts'
import { builtInGroups, type GroupSeed } from '../groups/group.seed.ts'
import type { PartitionSeed } from '../partitions/partition.seed.ts'
import { normalizePasswordComplexity, PASSWORD_COMPLEXITY } from '../settings/password-complexity.ts'
import type { SettingSeed } from '../settings/setting.seed.ts'

export const HOGWARTS: PartitionSeed = { id: 'magic-7', name: 'hogwarts' }

const complexity = normalizePasswordComplexity('{"hasLowercase":true,"hasDigit":true,"Length":10}') ?? null

export const HOGWARTS_SETTINGS: SettingSeed[] = [
  { id: 1, key: PASSWORD_COMPLEXITY, value: complexity },
  { id: 2, key: 'Auth.Password.ShouldChangePasswordAfterFirstLogin', value: 'true' },
  { id: 3, key: 'Auth.Password.PreviousUseLimit', value: '1' },
  { id: 4, key: 'Auth.Password.DefaultExpirationDays', value: '0' },
  { id: 6, key: 'Email.Smtp.FromEmail', value: 'no-reply@hogwarts.example' },
  { id: 7, key: 'Email.Smtp.FromDisplayName', value: 'Hogwarts server - 21.10 - Clean' },
  { id: 15, key: 'Email.Smtp.Domain', value: '' },
  { id: 16, key: 'Email.Smtp.EnableSsl', value: 'true' },
  { id: 17, key: 'Email.Smtp.Port', value: '587' },
  { id: 18, key: 'Email.Smtp.UseDefaultCredentials', value: 'false' },
  { id: 19, key: 'Email.Smtp.UserName', value: 'mailer@hogwarts.example' },
  { id: 20, key: 'Email.Smtp.Host', value: 'smtp.gmail.com' },
  { id: 21, key: 'Email.Smtp.Password', value: 'protego-spell' },
  { id: 26, key: 'Auth.UserLockOut.DefaultAccountLockoutSeconds', value: '0' },
  { id: 27, key: 'Auth.UserLockOut.IsEnabled', value: 'false' },
  { id: 28, key: 'Auth.UserLockOut.MaxFailedAccessAttemptsBeforeLockout', value: '2' },
]

const student = (id: string, firstName: string, lastName: string): EntitySeed => ({
  id,
  type: USER_TYPE.user,
  name: firstName,
  email: `${firstName.toLowerCase()}@hogwarts.example`,
  displayName: `${firstName} ${lastName}`,
  firstName,
  lastName,
  jobTitle: 'student',
  companyName: 'Hogwarts',
  city: 'London',
  department: 'magic',
  creationTime: '2021-10-13T18:40:00',
})

export const HOGWARTS_DIRECTORY: EntitySeed[] = [
  student('her-1909', 'Hermione', 'Granger'),
  student('har-3107', 'Harry', 'Potter'),
  student('lun-1302', 'Luna', 'Lovegood'),
  student('ron-0103', 'Ron', 'Weasley'),
  student('nev-3007', 'Neville', 'Longbottom'),
]

export const HOGWARTS_GROUPS: GroupSeed[] = [
  ...builtInGroups('2021-10-13T18:37:26.6025799'),
  {
    id: 'gryff-01',
    name: 'Gryffindors',
    type: GROUP_TYPE.custom,
    creationTime: '2021-10-19T15:37:49.1853184',
    lastModificationTime: null,
    members: ['her-1909', 'har-3107', 'ron-0103'],
  },
]
