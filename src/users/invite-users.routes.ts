// POST /api/User/InviteUsers: each entry is invited or refused on its own.
import { Hono } from 'hono'
import { authorize } from '../auth/authorize.ts'
import { issuerOf } from '../auth/issuer.ts'
import { onlyKnownIds } from '../auth/known-ids.ts'
import { ownPartition, reachPartition } from '../auth/reach-partition.ts'
import { ADMINISTERING } from '../auth/roles.ts'
import type { AppEnv } from '../database/session.ts'
import { known } from '../http/identifier.ts'
import { ok } from '../http/ok.ts'
import { now } from '../http/timestamp.ts'
import { validateJson } from '../http/validate.ts'
import { inviteUsers } from './create-users.queries.ts'
import { type Broken, describeBroken } from './identity-errors.ts'
import { organizationsOfInvitePage } from './invite-page.ts'
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
    const groups = entries.flatMap(({ groupIDs }) => groupIDs)
    const knowing = onlyKnownIds(database, partition, 'groupIDs', groups)
    const invitations = entries.map((entry) => ({ user: invitedUser(entry), groups: uniqueIds(entry.groupIDs) }))
    const listed = invitations.map(({ user }) => user)
    const own = [c.req.url, issuerOf(c)]
    const organizations = entries.map(({ redirectUrl }) => organizationsOfInvitePage(redirectUrl, own))
    const found = [
      ...entries.flatMap(({ email }, row) => brokenBy(email ?? '', organizations[row], row)),
      ...brokenWithin(listed).filter(({ row }) => entries[row]?.email),
    ]
    const creation = { partition, now: now(c), found }
    const { partition: stored, broken } = await inviteUsers(knowing, { ...creation, invitations, organizations })
    known(stored, 'partitionGlobalId', partition)
    const users = listed.map(({ email, id }, row) => present(email, id, broken.filter(about(row)).slice(0, MAX_ERRORS)))
    // Real server: the request as a whole succeeds, even where nobody can be invited (its SDK's own tests).
    return ok(c, { result: { succeeded: true, errors: [] }, users })
  },
)

/** How many broken rules of one entry are answered. */
const MAX_ERRORS = 10

const about = (row: number) => (rule: { row: number | null }) => rule.row === row

// Assumed: who is invited logs in by the email.
const invitedUser = ({ email, name, surname }: InvitedUser) =>
  newUser({ id: null, userName: email, email, name, surname, invitationAccepted: false })

function brokenBy(email: string, organizations: readonly string[] | undefined, row: number): RowRule[] {
  const broken: RowRule[] = []
  if (!isEmail(email)) broken.push({ row, code: 'InvalidEmail', subject: email })
  if (!organizations) broken.push({ row, code: 'InvalidRedirectUrl', subject: null })
  return broken
}

const NOBODY = '00000000-0000-0000-0000-000000000000'

// Real server: a refused entry has the id of all zeros (observed).
function present(email: string, id: string, broken: readonly Broken[]) {
  if (broken.length === 0) return { email, id, errorMsg: null, success: true }
  const errorMsg = broken.map((rule) => describeBroken(rule).description).join(' ')
  return { email, id: NOBODY, errorMsg, success: false }
}
