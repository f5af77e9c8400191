// One request of every operation of the API, as the CPU time of each is measured: the n-th of many, in the documented
// organization. What is deleted was created by operations before it.
import { HOGWARTS } from '../src/seed/hogwarts.ts'
import { LOOKUP, WRITTEN_ROWS } from './operations.ts'

export interface Sample {
  name: string
  /** The operation's id in the OpenAPI document. */
  id: string
  method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Below `/identity_`, unless it is `/health`. */
  path: (n: number) => string
  json?: (n: number) => unknown
  form?: string
}

const P = HOGWARTS.id
const partitionGlobalId = P
const api = (path: string) => () => `/api/${path}`
const guid = (kind: number, n: number) => `${kind}0000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const settings = WRITTEN_ROWS.map(({ key, value }) => ({ key, value }))
const page = 'top=10&skip=0'
const students = ['her-1909', 'har-3107', 'ron-0103']
const invitation = 'https://cloud.uipath.com/portal_/acceptInvite'

type Rest = Partial<Pick<Sample, 'json' | 'form'>>
const get = (name: string, id: string, path: Sample['path']): Sample => ({ name, id, method: 'GET', path })
const post = (name: string, id: string, path: Sample['path'], rest: Rest): Sample => ({
  name,
  id,
  method: 'POST',
  path,
  ...rest,
})
const put = (name: string, id: string, path: Sample['path'], json: Sample['json']): Sample => ({
  name,
  id,
  method: 'PUT',
  path,
  ...(json && { json }),
})
const remove = (name: string, id: string, path: Sample['path'], json?: Sample['json']): Sample => ({
  name,
  id,
  method: 'DELETE',
  path,
  ...(json && { json }),
})

export const TOKEN_FORM = 'grant_type=client_credentials&client_id=hogwarts-admin&client_secret=hogwarts-admin-secret'

const general: Sample[] = [
  get('GET /health', 'Health', () => '/health'),
  post('POST connect/token', 'Connect_Token', () => '/connect/token', { form: TOKEN_FORM }),
  get('GET openid-configuration', 'Discovery_Get', () => '/.well-known/openid-configuration'),
  get('GET jwks', 'Discovery_GetKeys', () => '/.well-known/openid-configuration/jwks'),
]

const ofSettings: Sample[] = [
  get('GET Setting, 9 keys', 'Setting_GetSettingsBulk', api(`Setting?${LOOKUP}`)),
  put('PUT Setting, 7 keys', 'Setting_UpdateSettings', api('Setting'), () => ({ settings, partitionGlobalId })),
  post('POST VerifySmtpSettings', 'Setting_VerifySmtpSetting', api('Setting/VerifySmtpSettings'), {
    json: () => ({ recipient: 'a@example.com', smtpSettings: { host: 'smtp.example.com', port: 587 } }),
  }),
  remove('DELETE Setting, 1 key', 'Setting_BulkDelete', api('Setting'), () => ({
    settings: ['none'],
    partitionGlobalId,
  })),
  remove('DELETE Setting by id', 'Setting_Delete', (n) => `/api/Setting/${n + 1}`),
]

const ofGroups: Sample[] = [
  get('GET groups', 'Group_GetGroups', api(`Group/${P}`)),
  get('GET Group, 3 members', 'Group_GetGroup', api(`Group/${P}/gryff-01`)),
  get('GET members of a group', 'Group_GetMembers', api(`Group/${P}/gryff-01/Members?${page}`)),
  post('POST BulkLoadByIds', 'Group_BulkLoadByIds', api(`Group/BulkLoadByIds/${P}`), { json: () => ['gryff-01'] }),
  post('POST CheckMembers', 'Group_CheckMembers', api(`Group/${P}/gryff-01/CheckMembers`), { json: () => students }),
  post('POST Group, 3 members', 'Group_CreateGroup', api('Group'), {
    json: (n) => ({ partitionGlobalId, id: guid(1, n), name: `Group ${n}`, directoryUserMemberIDs: students }),
  }),
  put(
    'PUT Group, 2 added',
    'Group_UpdateGroupOfPartition',
    (n) => `/api/Group/${P}/${guid(1, n)}`,
    (n) => ({
      partitionGlobalId,
      name: `Group ${n}`,
      directoryUserIDsToAdd: ['lun-1302', 'nev-3007'],
      directoryUserIDsToRemove: [],
    }),
  ),
  remove('DELETE groups, 1', 'Group_BulkDelete', api(`Group/${P}`), (n) => ({ groupIDs: [guid(1, n)] })),
  remove('DELETE Group', 'Group_Delete', (n) => `/api/Group/${P}/${guid(1, n)}`),
]

const ofRobots: Sample[] = [
  get('GET robot accounts', 'RobotAccount_GetRobotAccounts', api(`RobotAccount/${P}?${page}`)),
  post('POST RobotAccount', 'RobotAccount_CreateRobotAccount', api('RobotAccount'), {
    json: (n) => ({ partitionGlobalId, name: `robot-${n}`, displayName: `Robot ${n}`, groupIDsToAdd: ['gryff-01'] }),
  }),
  get('GET RobotAccount, unknown', 'RobotAccount_GetRobotAccount', api(`RobotAccount/${P}/${guid(2, 0)}`)),
  put('PUT RobotAccount, unknown', 'RobotAccount_UpdateRobotAccount', api(`RobotAccount/${guid(2, 0)}`), () => ({
    partitionGlobalId,
    displayName: 'R',
  })),
  remove('DELETE robot accounts, 1', 'RobotAccount_BulkDelete', api(`RobotAccount/${P}`), (n) => ({
    robotAccountIDs: [guid(2, n)],
  })),
  remove('DELETE RobotAccount, unknown', 'RobotAccount_Delete', (n) => `/api/RobotAccount/${P}/${guid(2, n)}`),
]

const directory = (path: string) => api(`Directory/${path}/${P}`)
const ofDirectory: Sample[] = [
  get('GET Search', 'Directory_Search', api(`Directory/Search/${P}?startsWith=h`)),
  post('POST Resolve', 'Directory_Resolve', directory('Resolve'), {
    json: () => ({ entityId: 'her-1909', entityType: 'user' }),
  }),
  post('POST ResolveByName', 'Directory_ResolveByName', directory('ResolveByName'), {
    json: () => ({ entityName: 'Hermione', entityType: 'user' }),
  }),
  post('POST BulkResolveByName, 3', 'Directory_BulkResolveByName', directory('BulkResolveByName'), {
    json: () => ({ entityNames: ['Hermione', 'Harry', 'Ron'], entityType: 'user' }),
  }),
  post('POST GroupMembership', 'Directory_GroupMembership', directory('GroupMembership'), {
    json: () => ({ userId: 'her-1909', groupIds: ['gryff-01'] }),
  }),
  get('GET Scopes', 'Directory_Scopes', directory('Scopes')),
  get('GET Tenant', 'Directory_Tenant', directory('Tenant')),
]

const ofUsers: Sample[] = [
  get('GET users, a page', 'User_GetUsers', api(`User/users/${P}?${page}`)),
  get('GET users of UserPartition', 'UserPartition_GetPartitionUsers', api(`UserPartition/users/${P}?${page}`)),
  get('GET User', 'User_GetUser', api('User/her-1909')),
  get('GET loginAttempts', 'UserLoginAttempt_GetLoginAttempts', api('User/her-1909/loginAttempts')),
  post('POST User, with a password', 'User_CreateUser', api('User'), {
    json: (n) => ({
      partitionGlobalId,
      id: guid(3, n),
      userName: `user-${n}`,
      email: `u${n}@example.com`,
      password: 'Abcdefgh1ij',
      groupIDs: ['gryff-01'],
    }),
  }),
  put(
    'PUT User',
    'User_Update',
    (n) => `/api/User/${guid(3, n)}`,
    (n) => ({ surname: `S${n}`, groupIDsToRemove: ['gryff-01'] }),
  ),
  post('POST changepassword', 'User_ChangePassword', (n) => `/api/User/${guid(3, n)}/changepassword`, {
    json: () => ({ oldPassword: 'Abcdefgh1ij', newPassword: 'Abcdefgh2ij' }),
  }),
  post('POST BulkCreate, 10', 'User_CreateUsers', api('User/BulkCreate'), {
    json: (n) => ({ partitionGlobalId, users: Array.from({ length: 10 }, (_, i) => ({ userName: `bulk-${n}-${i}` })) }),
  }),
  post('POST InviteUsers, 1', 'User_InviteUsers', api('User/InviteUsers'), {
    json: (n) => [{ email: `i${n}@example.com`, redirectUrl: invitation, groupIDs: ['gryff-01'] }],
  }),
  remove('DELETE User', 'User_Delete', (n) => `/api/User/${guid(3, n)}`),
  remove('DELETE users, 1', 'User_BulkDelete', api('User'), (n) => ({ userIds: [guid(3, n)] })),
]

export const SAMPLES: readonly Sample[] = [
  ...general,
  ...ofSettings,
  ...ofGroups,
  ...ofRobots,
  ...ofDirectory,
  ...ofUsers,
]
