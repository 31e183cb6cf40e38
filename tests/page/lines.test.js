/* The lines to copy, and what a link to the page shows. */
'use strict'

const { readFileSync } = require('fs')
const { join } = require('path')
const { expect, test } = require('./visitor')

const ROOT = join(__dirname, '../..')

test('the lines to copy are those of the README', async ({ page, context }) => {
  const lines = await page.textContent('#lines')
  expect(lines.trim().split('\n')).toHaveLength(10)
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(`\`\`\`js\n${lines}\`\`\``)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.click('#copy')
  await expect(page.locator('#copy')).toHaveText('Copied')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(lines)
})

test('without a clipboard the lines are selected', async ({ page }) => {
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }))
  await page.click('#copy')
  await expect(page.locator('#copy')).toHaveText('Selected: copy it now')
  expect(await page.evaluate(() => String(getSelection()))).toContain('createSession')
})

test('a link to the page shows a picture, which is there', async ({ page }) => {
  const picture = page.locator('meta[property="og:image"]')
  const answer = await page.request.get((await picture.getAttribute('content')) ?? '')
  expect(answer.status()).toBe(200)
  expect(answer.headers()['content-type']).toBe('image/png')
})
