// What the scripts of this folder have in common: a server that runs already, a Chromium, and what must not happen in it.
import assert from 'node:assert/strict'
import { chromium } from 'playwright-core'

const { BASE = 'http://127.0.0.1:8787', HOME_PATH = '/', CONTROL_TOKEN = 'local-control', CHROMIUM } = process.env

/** Where the console is, and what opens it. HOME_PATH is `/_control/` for a deployment. */
export const home = `${BASE}${HOME_PATH}`
export const root = CONTROL_TOKEN

export async function control(method, path, { key = root, json } = {}) {
  const headers = { authorization: `Bearer ${key}`, ...(json && { 'content-type': 'application/json' }) }
  const response = await fetch(`${BASE}/_control${path}`, { method, headers, body: json && JSON.stringify(json) })
  const text = await response.text()
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`)
  return text && JSON.parse(text)
}

export const browser = await chromium.launch({
  executablePath: CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
})

/**
 * A page, and what went wrong in it: requests to other servers, errors of scripts, violations of the policy. Refusals that a
 * script provokes are none.
 */
export async function openPage({ width = 1200, scheme = 'light' } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: scheme })
  const page = await context.newPage()
  const faults = []
  page.on('request', (request) => {
    if (!request.url().startsWith(`${BASE}/`) && !request.url().startsWith('data:')) faults.push(request.url())
  })
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (?:403|503)/.test(message.text())) faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(error.message))
  return { page, faults, context }
}
