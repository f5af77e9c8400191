// What a refused bearer token is told: the challenge of a 401, and the message of a 403.
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { HOST_PARTITION } from '../../src/partitions/partition.table.ts'
import { claims, expectUnauthorized, forge, NOW, ours, partition, present } from '../support/forged-token.ts'
import { answer, ISSUER } from '../support/tenant.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: NOW * 1000 }))
afterEach(() => vi.useRealTimers())

const challengeTo = async (over: object) => {
  const response = await present(`Bearer ${await ours(over)}`)
  await expectUnauthorized(response)
  return response.headers.get('WWW-Authenticate')
}

const unprintable: [string, unknown][] = [
  ['quotes', 'a "quoted" audience", error="none'],
  ['backslashes', 'back\\slash\\'],
  ['line breaks', 'line\r\nX-Injected: yes\r\n\r\nbody'],
  ['control characters', '\0\u001b\u007f\u0085\u2028'],
  ['unicode', '日本 😀 Grüße'],
  ['half a surrogate pair', '\ud800'],
  ['8,000 characters', 'long'.repeat(2000)],
  ['a list', ['a"', '\n', null]],
  ['an object', { a: '"' }],
  ['an object that cannot be printed', { toString: 1, valueOf: 2 }],
]

describe('the challenge of a 401', () => {
  test('is bare when there is no token', async () => {
    expect((await present(undefined)).headers.get('WWW-Authenticate')).toBe('Bearer')
  })

  test.each([
    [{ aud: 'UiPath.Orchestrator' }, "The audience 'UiPath.Orchestrator' is invalid"],
    [
      { iss: 'http://foreign.example/identity_' },
      `The issuer 'http://foreign.example/identity_' is invalid: '${ISSUER}' is expected`,
    ],
    [{ exp: NOW }, 'The token expired'],
    [{ nbf: NOW + 1 }, 'The token is not valid yet'],
  ])('names the issuer as its realm and says what is wrong with %j', async (over, description) => {
    expect(await challengeTo(over)).toBe(
      `Bearer realm="${ISSUER}", error="invalid_token", error_description="${description}"`,
    )
  })

  test.each(unprintable)('stays well-formed for %s in aud and iss', async (_, value) => {
    await challengeTo({ aud: value })
    await challengeTo({ iss: value })
  })

  test('stays well-formed for an audience of lists nested 5,000 deep', async () => {
    const nested = `${'['.repeat(5000)}${']'.repeat(5000)}`
    const payload = JSON.stringify(claims({ aud: 0 })).replace('"aud":0', `"aud":${nested}`)
    await expectUnauthorized(await present(`Bearer ${await forge(payload)}`))
  })

  test('stays well-formed whatever stands in the claims', async () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue())
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('aud', 'iss', 'exp', 'nbf', 'iat'),
        anything.filter((value) => typeof value !== 'number'),
        async (claim, value) => {
          await challengeTo({ [claim]: value })
        },
      ),
      { seed: 1, numRuns: 200 },
    )
  })
})

const scopes: [string, unknown, string][] = [
  ['in lower case', 'pm.setting', 'pm.setting'],
  ['in upper case', ['PM.SETTING', 'PM.SETTING.READ'], 'PM.SETTING,PM.SETTING.READ'],
  ['absent', undefined, ''],
  ['an empty string', '', ''],
  ['an empty list', [], ''],
  ['null', null, ''],
  ['a number', 1, ''],
  ['an object', { 0: 'PM.Setting', length: 1 }, ''],
  ['a list in a list', [['PM.Setting']], ''],
  ['of other resources', ['PM.Group', 'OR.Jobs.Read'], 'PM.Group,OR.Jobs.Read'],
  ['of the other direction', 'PM.Setting.Write', 'PM.Setting.Write'],
  ['longer than accepted', 'PM.Settings PM.Setting.Read.All', 'PM.Settings,PM.Setting.Read.All'],
  ['shorter than accepted', 'PM PM. PM.*', 'PM,PM.,PM.*'],
  ['separated by commas', 'PM.Setting,PM.Setting.Read', 'PM.Setting,PM.Setting.Read'],
]

describe('403 for a token', () => {
  test.each(scopes)('whose scope is %s', async (_, scope, listed) => {
    expect(await answer(await present(`Bearer ${await ours({ scope })}`), 403)).toEqual({
      errorMessage: `Scope(s) '${listed}' is(are) invalid. Expect to have 'PM.Setting' or 'PM.Setting.Read'. `,
    })
  })

  test.each<[string, object]>([
    ['of another partition', { prt_id: crypto.randomUUID() }],
    ['of another partition that has this one as organization_id', { prt_id: 'other', organization_id: partition }],
    ['without a partition', { prt_id: undefined }],
    ['whose prt_id is a list', { prt_id: [partition] }],
    ["of another partition with host 'False'", { prt_id: crypto.randomUUID(), host: 'False' }],
    ["of another partition with host 'Trueish'", { prt_id: crypto.randomUUID(), host: 'Trueish' }],
    ['of another partition with an object for host', { prt_id: 'other', host: { toString: 1, valueOf: 2 } }],
    ['of the host partition without host', { prt_id: HOST_PARTITION }],
  ])('%s', async (_, over) => {
    expect(await answer(await present(`Bearer ${await ours(over)}`), 403)).toEqual({
      errorMessage: expect.stringContaining('InvalidPartition'),
    })
  })

  test('of a partition that asks for the host partition', async () => {
    expect(await answer(await present(`Bearer ${await ours()}`, HOST_PARTITION), 403)).toEqual({
      errorMessage: 'User is not host admin',
    })
  })
})
