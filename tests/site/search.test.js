/* The search finds words of both languages, and what it finds is in the reader's language. */
'use strict'

const { expect, test } = require('@playwright/test')

test('every two neighbouring characters of a Chinese text are a word', async () => {
  const { words } = await import('../../site/search.mjs')
  expect(words('调wx.login，刷新登录态')).toEqual(['调', 'wx', 'login', '刷新', '新登', '登录', '录态'])
})

/** Opens the search of a page, and returns what it finds. */
async function search(page, path, text) {
  await page.goto(path)
  await page.locator('#local-search button').click()
  await page.locator('#localsearch-input').fill(text)
  const results = page.locator('.VPLocalSearchBox .result')
  await expect(results.first()).toBeVisible()
  return results
}

for (const [path, text, language] of /** @type {const} */ ([
  ['', 'renew', 'en'],
  ['', 'sign_in_paused', 'en'],
  ['zh-CN/', '登录态', 'zh-CN'],
  ['zh-CN/', '无感刷新', 'zh-CN'],
  ['zh-CN/', '挤下线', 'zh-CN'],
])) {
  test(`"${text}" is found in ${language}`, async ({ page }) => {
    const results = await search(page, path, text)
    const places = await results.evaluateAll((links) => links.map((link) => link.getAttribute('href')))
    const isChinese = (/** @type {string | null} */ place) => /\/zh-CN\//.test(place ?? '')
    expect(places.filter((place) => isChinese(place) !== (language === 'zh-CN'))).toEqual([])
    await results.first().click()
    await expect(page.locator('html')).toHaveAttribute('lang', language)
    await expect(page.locator('.vp-doc')).toContainText(new RegExp(text, 'i'))
  })
}

test('a word that no page has is not found', async ({ page }) => {
  await page.goto('zh-CN/')
  await page.locator('#local-search button').click()
  await page.locator('#localsearch-input').fill('饕餮')
  await expect(page.locator('.VPLocalSearchBox .no-results')).toContainText('没有找到')
})
