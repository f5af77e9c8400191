// POST /api/User/InviteUsers: each entry is invited or refused on its own.
import { Hono } from 'hono'
import { authorize } from '../auth/authorize.ts'
import { ownPartition, reachPartition } from '../auth/reach-partition.ts'
import { ADMINISTERING } from '../auth/roles.ts'
import type { AppEnv } from '../database/session.ts'
import { known } from '../http/identifier.ts'
import { ok } from '../http/ok.ts'
import { JSON_UTF8 } from '../http/refusal.ts'
import { now } from '../http/timestamp.ts'
import { validateJson } from '../http/validate.ts'
import { inviteUsers } from './create-users.queries.ts'
import { type Broken, describeBroken, resultOf } from './identity-errors.ts'
import { brokenWithin, newUser, type RowRule, uniqueIds } from './new-users.ts'
import { type InvitedUser, InvitedUsers, InviteUsers, isEmail } from './write-user.schema.ts'

export const inviteUsersRoutes = new Hono<AppEnv>().post(
  '/api/User/InviteUsers',
  authorize({
    operationId: 'User_InviteUsers',
    summary: 'Invites users by email, each of them on its own; answers for each what became of it.',
    answer: InvitedUsers,
    evidence: 'documented; body observed',
    scopes: ['PM.User', 'PM.User.Write'],
    callers: ADMINISTERING,
  }),
  validateJson(InviteUsers),
  async (c) => {
    const entries = c.req.valid('json')
    const { partition, database } = await reachPartition(c, ownPartition(c))
    const invitations = entries.map((entry) => ({ user: invitedUser(entry), groups: uniqueIds(entry.groupIDs) }))
    const listed = invitations.map(({ user }) => user)
    const found = [...entries.flatMap(brokenBy), ...brokenWithin(listed).filter(({ row }) => entries[row]?.email)]
    const { partition: stored, broken } = await inviteUsers(database, { partition, now: now(c), found, invitations })
    known(stored, 'partitionGlobalId', partition)
    const users = listed.map(({ email, id }, row) => present(email, id, broken.filter(about(row)).slice(0, MAX_ERRORS)))
    const failed = !users.some(({ success }) => success)
    const answer = { result: resultOf(failed ? broken.slice(0, 10 * MAX_ERRORS) : []), users }
    return failed ? c.json(answer, 400, JSON_UTF8) : ok(c, answer)
  },
)

/** How many broken rules of one entry are answered. */
const MAX_ERRORS = 10

const about = (row: number) => (rule: { row: number | null }) => rule.row === row

// Assumed: who is invited logs in by the email.
const invitedUser = ({ email, name, surname }: InvitedUser) =>
  newUser({ id: null, userName: email, email, name, surname, invitationAccepted: false })

function brokenBy({ email, redirectUrl }: InvitedUser, row: number): RowRule[] {
  const broken: RowRule[] = []
  if (!isEmail(email ?? '')) broken.push({ row, code: 'InvalidEmail', subject: email ?? '' })
  if (!isInvitePage(redirectUrl)) broken.push({ row, code: 'InvalidRedirectUrl', subject: null })
  return broken
}

// Real server: the portal's acceptInvite page of the organization, and nothing else (observed).
function isInvitePage(url: string | null | undefined): boolean {
  if (!url || !URL.canParse(url)) return false
  const { protocol, pathname } = new URL(url)
  return /^https?:$/.test(protocol) && /\/portal_\/acceptInvite\/?$/i.test(pathname)
}

const NOBODY = '00000000-0000-0000-0000-000000000000'

// Real server: a refused entry has the id of all zeros (observed).
function present(email: string, id: string, broken: readonly Broken[]) {
  if (broken.length === 0) return { email, id, errorMsg: null, success: true }
  const errorMsg = broken.map((rule) => describeBroken(rule).description).join(' ')
  return { email, id: NOBODY, errorMsg, success: false }
}
