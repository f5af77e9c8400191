// What a person does with the console, by Tab, Enter, Space and typing alone: makes a tenant, signs in as a user, changes a
// setting, sees in the journal why a request was refused, makes a fault of it, sees it strike, and goes back to a snapshot.
//   npm start && node test/browser/keyboard.mjs    (see pages.mjs)
import assert from 'node:assert/strict'
import { browser, control, home, openPage, root } from './browser.mjs'

const { page, faults } = await openPage({ width: Number(process.env.WIDTH ?? 1200) })

/** What has the focus: its tag, and how it is called. */
const focused = () =>
  page.evaluate(() => {
    const element = document.activeElement
    const name = element.labels?.[0]?.textContent ?? element.getAttribute('aria-label') ?? element.textContent
    return `${element.tagName.toLowerCase()} ${name.replace(/\s+/g, ' ').trim().slice(0, 160)}`
  })

async function go(pattern, key = 'Tab') {
  for (let step = 0; step < 150; step++) {
    if (pattern.test(await focused())) return
    await page.keyboard.press(key)
  }
  throw new Error(`${pattern} is not reached from the keyboard`)
}

async function press(pattern, key = 'Enter') {
  await go(pattern)
  await page.keyboard.press(key)
  await page.waitForTimeout(300)
}

async function type(pattern, text) {
  await go(pattern)
  await page.keyboard.press('Control+A')
  await page.keyboard.type(text)
}

async function tab(title) {
  await go(new RegExp(`^a ${title}`), 'Shift+Tab')
  await page.keyboard.press('Enter')
  await page.waitForTimeout(400)
}

const name = `keyboard-${Date.now().toString(36)}`
await page.goto(home)
await type(/^input Control token/, root)
await page.keyboard.press('Enter')
await page.waitForSelector('table')
await press(/^button New tenant/)
await type(/^input Name/, name)
await press(/^button Make it/)
await press(new RegExp(`^a ${name}`))
await page.waitForSelector('nav.tabs')

await press(/^a Snapshots/)
await type(/^input Name/, 'before')
await page.keyboard.press('Enter')
await page.waitForSelector('tbody tr')

await tab('Sign in')
await type(/^input User/, 'ada')
await page.keyboard.press('Escape')
await press(/^button Sign in/)
await page.waitForSelector('.claims')

await tab('Settings')
await press(/^button New setting/)
await type(/^input Key/, 'Of.Keyboard')
await type(/^textarea Value/, 'one')
await press(/^button Save/)
await press(/^button Change Of.Keyboard/)
await type(/^textarea Value/, 'two')
await press(/^button Save/)
await page.waitForSelector('text=two')

await tab('Journal')
const { id } = await control('GET', `/tenants/${name}`)
const { token } = await control('POST', `/tenants/${name}/tokens`, { json: { scopes: ['PM.Group.Read'] } })
await fetch(new URL(`/${name}/identity_/api/Setting`, home), {
  method: 'PUT',
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  body: JSON.stringify({ partitionGlobalId: id, settings: [{ key: 'Refused', value: 'x' }] }),
})
await page.waitForSelector('td.bad')
await press(/^button PUT .*Setting/)
assert.match(await page.locator('.entry').textContent(), /403[\s\S]*Its token is not enough/)
await press(/^button Make a fault/)
await press(/^button Arm it/)
await go(/^button Replay/, 'Shift+Tab')
await page.keyboard.press('Enter')
await page.waitForSelector('text=/Replayed: 503/')

await tab('Snapshots')
await press(/^button Compare before/)
await page.waitForSelector('text=setting Of.Keyboard')
await press(/^button Go back to before/)
await press(/^button Go back$/)
await tab('Settings')
assert.ok(!(await page.locator('main').textContent()).includes('Of.Keyboard'))

await press(/^summary/)
assert.match(await page.locator('.acts').textContent(), /curl -X PUT/)
assert.ok(!(await page.content()).includes(root))
assert.deepEqual(faults, [])
await control('DELETE', `/tenants/${name}`)
await browser.close()
console.log('all is done from the keyboard')
