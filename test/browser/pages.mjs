// Every page of the console with root's, a team's, a tenant's key and none; light and dark, wide and narrow: axe finds nothing
// serious, nothing is wider than the window, and nobody is offered what the key may not do.
//   npm start            (or a deployment's address in BASE, /_control/ in HOME_PATH, its token in CONTROL_TOKEN)
//   npm --prefix test/browser install && node test/browser/pages.mjs
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { browser, control, home, openPage, root } from './browser.mjs'

const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const team = await control('POST', '/keys', { json: { team: 'browser' } })
const tenant = await control('POST', '/tenants', { key: team.key, json: { journal: true, ttl: 3600 } })

const TOP = ['', 'keys', 'audit']
const OF_TENANT = [
  'overview',
  'journal',
  'settings',
  'users',
  'groups',
  'robots',
  'clients',
  'signin',
  'faults',
  'clock',
]
const pages = [...TOP, ...[...OF_TENANT, 'snapshots'].map((name) => `tenants/${tenant.name}/${name}`)]

async function check(page, what) {
  await page.waitForTimeout(400)
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(wider <= 0, `${what} is wider than the window by ${wider}`)
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }))
  const serious = violations
    .filter(({ impact }) => impact !== 'minor')
    .map(({ id, nodes }) => `${id} ${nodes[0].target}`)
  assert.deepEqual(serious, [], what)
}

const KEYS = [
  ['root', root, ['Tenants', 'Keys', 'Audit', 'API reference'], /New tenant[\s\S]*Fork/],
  ['team', team.key, ['Tenants', 'Keys', 'Audit', 'API reference'], /New tenant[\s\S]*Fork/],
  ['tenant', tenant.key, ['Tenants', 'API reference'], /^(?![\s\S]*(?:New tenant|Fork))[\s\S]*Reset/],
]
for (const [kind, key, links, offers] of KEYS) {
  for (const [scheme, width] of [
    ['light', 1200],
    ['dark', 380],
  ]) {
    const { page, faults, context } = await openPage({ scheme, width })
    await page.goto(home)
    assert.deepEqual(await page.locator('button').allInnerTexts(), ['Open the console'])
    await check(page, `${kind}: the form`)
    await page.goto(`${home}#key=${key}`)
    await page.waitForSelector('table')
    assert.equal(page.url(), home)
    assert.deepEqual(await page.locator('header nav a').allInnerTexts(), links)
    assert.match(await page.locator('main').textContent(), offers)
    for (const name of pages) {
      await page.goto(`${home}#/${name}`)
      await check(page, `${kind}, ${scheme}: ${name}`)
    }
    assert.ok(!(await page.content()).includes(key))
    assert.deepEqual(faults, [])
    await context.close()
  }
}
await control('DELETE', `/tenants/${tenant.id}`)
await control('DELETE', `/keys/${team.id}`)
await browser.close()
console.log('all pages are well')
