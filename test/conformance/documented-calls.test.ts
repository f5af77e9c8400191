// The three documented calls, exact: same values, same key order, under every prefix and in upper case.
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, test } from 'vitest'
import { GRYFFINDORS, replant } from '../support/documented-tenant.ts'
import { answer, call, hostAdmin } from '../support/tenant.ts'

const PREFIXES = [
  '/identity_',
  '/identity',
  '/hogwarts/identity_',
  '/0c2f5f9e-4c5b-4a3e-9a57-0d9c3a1f1e11/identity_',
  '/hogwarts/defaulttenant/identity_',
  '/hogwarts/defaulttenant/identity',
]

const PATHS = PREFIXES.flatMap((prefix) => [prefix, prefix.toUpperCase()])

const row = (id: number, key: string, value: string) => ({ id, key, value, partitionGlobalId: 'magic-7', userId: null })

const SMTP_KEYS = [
  'Domain',
  'EnableSsl',
  'FromDisplayName',
  'FromEmail',
  'Host',
  'Password',
  'Port',
  'UseDefaultCredentials',
  'UserName',
]

const SMTP_ROWS = [
  row(6, 'Email.Smtp.FromEmail', 'no-reply@hogwarts.example'),
  row(7, 'Email.Smtp.FromDisplayName', 'Hogwarts server - 21.10 - Clean'),
  row(15, 'Email.Smtp.Domain', ''),
  row(16, 'Email.Smtp.EnableSsl', 'true'),
  row(17, 'Email.Smtp.Port', '587'),
  row(18, 'Email.Smtp.UseDefaultCredentials', 'false'),
  row(19, 'Email.Smtp.UserName', 'mailer@hogwarts.example'),
  row(20, 'Email.Smtp.Host', 'smtp.gmail.com'),
  row(21, 'Email.Smtp.Password', 'protego-spell'),
]

const COMPLEXITY =
  '{"HasDigit":true,"HasLowercase":true,"HasSpecialCharacter":false,"HasUppercase":false,"Length":10,' +
  '"RegexComplexity":{"HasDigitRegex":"(?=.*\\\\d)","HasLowercaseRegex":"(?=.*[a-z])",' +
  '"HasSpecialCharacterRegex":"(?=.*[^a-zA-Z\\\\d])","HasUppercaseRegex":"(?=.*[A-Z])","LengthRegex":"{10,}",' +
  '"Regex":"(?=.*\\\\d)(?=.*[a-z]).{10,}"}}'

const AUTH_ROWS = [
  row(4, 'Auth.Password.DefaultExpirationDays', '0'),
  row(1, 'Auth.Password.PasswordComplexity', COMPLEXITY),
  row(3, 'Auth.Password.PreviousUseLimit', '1'),
  row(2, 'Auth.Password.ShouldChangePasswordAfterFirstLogin', 'true'),
  row(26, 'Auth.UserLockOut.DefaultAccountLockoutSeconds', '0'),
  row(27, 'Auth.UserLockOut.IsEnabled', 'false'),
  row(28, 'Auth.UserLockOut.MaxFailedAccessAttemptsBeforeLockout', '2'),
]

const AUTH_REQUEST = {
  settings: AUTH_ROWS.map(({ key, value }) => ({
    key,
    value:
      value === COMPLEXITY
        ? '{"hasSpecialCharacter":false,"hasLowercase":true,"hasUppercase":false,"hasDigit":true,"Length":"10"}'
        : value,
  })),
  partitionGlobalId: 'magic-7',
}

beforeEach(() => replant(env.DB))

describe.each(PATHS)('%s', (prefix) => {
  const path = (rest: string) =>
    prefix === prefix.toUpperCase() ? `${prefix}${rest.toUpperCase()}` : `${prefix}${rest}`

  test('GET /api/Setting answers the documented rows, ascending by id', async () => {
    const keys = SMTP_KEYS.map((key) => `key=Email.Smtp.${key}`).join('&')
    const response = await call('GET', `${path('/api/Setting')}?partitionGlobalId=magic-7&${keys}`, {
      token: await hostAdmin(['PM.Setting.Read']),
    })
    expect(response.headers.get('Content-Type')).toBe('application/json; charset=utf-8')
    expect(await response.text()).toBe(JSON.stringify(SMTP_ROWS))
  })

  test('PUT /api/Setting answers the documented rows in the order of the request', async () => {
    const token = await hostAdmin(['PM.Setting.Write'])
    const response = await call('PUT', path('/api/Setting'), { token, json: AUTH_REQUEST })
    expect(await response.text()).toBe(JSON.stringify(AUTH_ROWS))
  })

  test.each(['/api/Group/magic-7/gryff-01', '/api/Group/gryff-01'])(
    'PUT %s answers the documented group',
    async (rest) => {
      const before = Date.now()
      const response = await call('PUT', path(rest), {
        token: await hostAdmin(['PM.Group.Write']),
        json: {
          partitionGlobalId: 'magic-7',
          name: 'Gryffindors',
          directoryUserIDsToAdd: ['lun-1302', 'nev-3007'],
          directoryUserIDsToRemove: [],
        },
      })
      const group = await answer<{ lastModificationTime: string }>(response)
      expect(JSON.stringify(group)).toBe(JSON.stringify(GRYFFINDORS(group.lastModificationTime)))
      expect(group.lastModificationTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?$/)
      const modified = Date.parse(`${group.lastModificationTime}Z`)
      expect(modified).toBeGreaterThanOrEqual(before)
      expect(modified).toBeLessThanOrEqual(Date.now())
    },
  )
})
