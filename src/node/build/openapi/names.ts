// What the schemas of the emulated API are called in the vendor's OpenAPI document, where it has them.
import { Discovery, Jwks, OAuthError, TokenRequest, TokenResponse } from '../../../connect/connect.schema.ts'
import * as directory from '../../../directory/directory.schema.ts'
import * as member from '../../../directory/member.schema.ts'
import * as groups from '../../../groups/group.schema.ts'
import * as robots from '../../../robot-accounts/robot-account.schema.ts'
import * as settings from '../../../settings/setting.schema.ts'
import * as users from '../../../users/user.schema.ts'
import * as writeUser from '../../../users/write-user.schema.ts'
import type { Names } from './components.ts'

export const NAMES: Names = [
  [settings.Setting, 'SettingDto'],
  [settings.WriteSettings, 'BulkCreateOrUpdateSettingsCommand'],
  [settings.WriteSettings.shape.settings.def.element, 'CreateOrUpdateSettingCommand'],
  [settings.DeleteSettings, 'BulkDeleteSettingsCommand'],
  [settings.VerifySmtp, 'VerifySmtpSettingsCommand'],
  [settings.VerifySmtp.shape.smtpSettings, 'SmtpClientConfiguration'],
  [settings.SmtpVerdict, 'VerifySmtpSettingsResult'],
  [groups.Group, 'GroupDto'],
  [groups.CreateGroup, 'CreateGroupCommand'],
  [groups.WriteGroup, 'UpdateGroupCommand'],
  [groups.DeleteGroups, 'BulkGroupDeleteCommand'],
  [groups.MemberIds, 'GroupMemberPagedResultDto'],
  [groups.MemberIds.shape.results.def.element, 'GroupMemberDto'],
  [robots.RobotAccount, 'RobotAccountDto'],
  [robots.RobotAccountPage, 'RobotAccountDtoPagedResultDto'],
  [robots.CreateRobotAccount, 'CreateRobotAccountCommand'],
  [robots.WriteRobotAccount, 'UpdateRobotAccountCommand'],
  [robots.DeleteRobotAccounts, 'BulkRobotAccountDeleteCommand'],
  [directory.ResolvedUser, 'DirectoryUser'],
  [member.DirectoryUser, 'DirectoryUser'],
  [member.DirectoryRobotUser, 'DirectoryRobotUser'],
  [member.DirectoryApplication, 'DirectoryApplication'],
  [directory.DirectoryGroup, 'DirectoryGroup'],
  [directory.DirectoryEntityInfo, 'DirectoryEntityInfo'],
  [directory.DirectoryScope, 'DirectoryScope'],
  [directory.DirectoryTenant, 'DirectoryTenant'],
  [directory.Resolve, 'ResolveCommand'],
  [directory.ResolveByName, 'ResolveByNameCommand'],
  [directory.BulkResolve, 'BulkResolveCommand'],
  [directory.BulkResolveByName, 'BulkResolveByNameCommand'],
  [directory.Membership, 'MembershipCommand'],
  [users.User, 'UserDto'],
  [users.Users, 'UserDtoPagedResultDto'],
  [users.IdentityError, 'IdentityError'],
  [users.IdentityResult, 'IdentityResult'],
  [users.DeleteUsers, 'BulkSoftDeleteCommand'],
  [users.LoginAttempts, 'UserLoginAttemptDtoPagedResultDto'],
  [users.LoginAttempts.shape.results.def.element, 'UserLoginAttemptDto'],
  [writeUser.CreateUser, 'CreateUserCommand'],
  [writeUser.CreateUsers, 'CreateUsersCommand'],
  [writeUser.CreateUsers.shape.users.def.element, 'CreateUserCommandBase'],
  [writeUser.CreatedUsers, 'CreateUsersResult'],
  [writeUser.InviteUsers.def.element, 'InvitedUser'],
  [writeUser.InvitedUsers, 'InviteUsersResult'],
  [writeUser.InvitedUsers.shape.users.def.element, 'InvitedUserResult'],
  [writeUser.UpdateUser, 'UpdateUserCommand'],
  [writeUser.ChangePassword, 'ChangeUserPasswordCommand'],
  [TokenRequest, 'TokenRequest'],
  [TokenResponse, 'TokenResponse'],
  [OAuthError, 'OAuthError'],
  [Discovery, 'OpenIdConfiguration'],
  [Jwks, 'JsonWebKeySet'],
]
