// What `identity-edge init` writes: a seed with comments, and one test for each test runner.

export const SEED_FILE = 'identity-edge.seed.jsonc'

export const SEED = `{
  "$schema": "./node_modules/identity-edge/dist/seeds/tenant.schema.json",
  // People. Ids are made up unless given; a test refers to the ones it has given.
  "users": [{ "id": "luna", "userName": "luna", "name": "Luna", "surname": "Lovegood", "email": "luna@example.com" }],
  // Members by id or user name. Administrators may call everything.
  "groups": [{ "name": "Administrators", "members": ["luna"] }],
  "settings": [{ "key": "Email.Smtp.Host", "value": "smtp.example.com" }],
  // Clients for connect/token. Without scopes they have all.
  "clients": [{ "id": "my-service", "secret": "my-service-secret", "scopes": ["PM.Setting", "PM.Group.Read"] }]
}
`

export interface FirstTest {
  /** Tells a project that uses the runner by the text of its package.json or the like. */
  readonly names: RegExp
  readonly file: string
  readonly run: string
  readonly text: string
}

const START = `startTenant({ seed: '${SEED_FILE}' })`

const CALL = `  const response = await fetch(
    \`\${tenant.url}/identity_/api/Setting?partitionGlobalId=\${tenant.id}&key=Email.Smtp.Host\`,
    { headers: { authorization: \`Bearer \${await tenant.token({ scopes: ['PM.Setting.Read'] })}\` } },
  )
  const [setting] = await response.json()`

/** A test of a runner with `expect`, and hooks by whatever names it has. */
const expecting = (
  imports: string,
  [beforeAll, afterAll]: readonly [string, string] = ['beforeAll', 'afterAll'],
) => `${imports}

let tenant
${beforeAll}(async () => {
  tenant = await ${START}
})
${afterAll}(() => tenant?.stop())

test('the mail host is the one in the seed', async () => {
${CALL}
  expect(setting.value).toBe('smtp.example.com')
})
`

const asserting = (
  imports: string,
  [before, after, test]: readonly [string, string, string],
) => `import assert from 'node:assert/strict'
${imports}

let tenant
${before}(async () => {
  tenant = await ${START}
})
${after}(() => tenant?.stop())

${test}('the mail host is the one in the seed', async () => {
${CALL}
  assert.equal(setting.value, 'smtp.example.com')
})
`

const LIBRARY = "import { startTenant } from 'identity-edge/node'"

export const FIRST_TESTS: Readonly<Record<string, FirstTest>> = {
  vitest: {
    names: /"vitest"/,
    file: 'identity-edge.test.mjs',
    run: 'npx vitest run',
    text: expecting(`${LIBRARY}\nimport { afterAll, beforeAll, expect, test } from 'vitest'`),
  },
  Playwright: {
    names: /"@playwright\/test"/,
    file: 'identity-edge.spec.mjs',
    run: 'npx playwright test',
    text: expecting(`${LIBRARY}\nimport { expect, test } from '@playwright/test'`, ['test.beforeAll', 'test.afterAll']),
  },
  Jest: {
    names: /"jest"/,
    file: 'identity-edge.test.js',
    run: 'npx jest',
    text: expecting("const { startTenant } = require('identity-edge/node')"),
  },
  Mocha: {
    names: /"mocha"/,
    file: 'test/identity-edge.mjs',
    run: 'npx mocha',
    text: asserting(LIBRARY, ['before', 'after', 'it']),
  },
  pytest: {
    names: /\bpytest\b/,
    file: 'test_identity_edge.py',
    run: `npx identity-edge exec --seed ${SEED_FILE} -- pytest`,
    text: `"""Needs the environment of \`identity-edge exec\`, and nothing but the standard library."""
import json
import os
import urllib.parse
import urllib.request

IDENTITY = os.environ["UIPATH_SERVICE_URL_IDENTITY"]


def call(url, token=None, form=None):
    data = urllib.parse.urlencode(form).encode() if form else None
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as response:
        return json.load(response)


def test_the_mail_host_is_the_one_in_the_seed():
    client = {"client_id": os.environ["UIPATH_CLIENT_ID"], "client_secret": os.environ["UIPATH_CLIENT_SECRET"]}
    token = call(f"{IDENTITY}/connect/token", form={"grant_type": "client_credentials", **client})["access_token"]
    query = urllib.parse.urlencode({"partitionGlobalId": os.environ["UIPATH_ORGANIZATION_ID"], "key": "Email.Smtp.Host"})
    [setting] = call(f"{IDENTITY}/api/Setting?{query}", token)
    assert setting["value"] == "smtp.example.com"
`,
  },
  'node:test': {
    names: /node --test/,
    file: 'identity-edge.test.mjs',
    run: 'node --test',
    text: asserting(`import { after, before, test } from 'node:test'\n${LIBRARY}`, ['before', 'after', 'test']),
  },
}
