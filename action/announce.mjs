// What `identity-edge exec` runs for the GitHub Action: hands the address it was given on to the steps that follow, and stays,
// for the server stops when this ends.
import { appendFileSync } from 'node:fs'

const { GITHUB_ENV = '', GITHUB_OUTPUT = '' } = process.env
const NAMES = [
  'UIPATH_URL',
  'UIPATH_SERVICE_URL_IDENTITY',
  'UIPATH_ORGANIZATION_ID',
  'UIPATH_CLIENT_ID',
  'UIPATH_CLIENT_SECRET',
  'IDENTITY_EDGE_URL',
  'IDENTITY_EDGE_TENANT',
  'CONTROL_TOKEN',
]

for (const name of NAMES) {
  const value = process.env[name] ?? ''
  appendFileSync(GITHUB_ENV, `${name}=${value}\n`)
  appendFileSync(GITHUB_OUTPUT, `${name.toLowerCase().replaceAll('_', '-')}=${value}\n`)
}
console.log('announced')
setInterval(() => {}, 2 ** 31 - 1)
