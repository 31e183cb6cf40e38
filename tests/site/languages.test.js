/* The menu of languages leads to the same page in the other one. */
'use strict'

const { expect, test } = require('@playwright/test')

/** Chooses a language in the page's menu. */
async function choose(page, language) {
  await page.locator('.VPNavBarTranslations > button').hover()
  await page.locator('.VPNavBarTranslations').getByRole('link', { name: language }).click()
}

test('a page is switched to Chinese and back', async ({ page }) => {
  await page.goto('js/docs/guide.html')
  await choose(page, '简体中文')
  await expect(page).toHaveURL(/\/zh-CN\/js\/docs\/guide\.html$/)
  await expect(page.locator('h1')).toContainText('使用指南')
  await choose(page, 'English')
  await expect(page).toHaveURL(/\/wxsession\/js\/docs\/guide\.html$|[^N]\/js\/docs\/guide\.html$/)
  await expect(page.locator('h1')).toContainText('Guide')
})

test('from a page without a translation the menu leads to the first page', async ({ page }) => {
  await page.goto('js/docs/api.html')
  await choose(page, '简体中文')
  await expect(page).toHaveURL(/\/zh-CN\/$/)
  await expect(page.locator('.vp-doc')).toContainText('管理微信小程序的登录态')
})

test('so does its address, opened at once', async ({ page }) => {
  await page.goto('zh-CN/js/docs/api.html')
  await expect(page).toHaveURL(/\/zh-CN\/$/)
})
