/* English and Chinese: the browser's choice, the switch, and complete translations. */
'use strict'

const { expect, test } = require('./visitor')

/** Names of interfaces, fields and units, which are the same in every language. */
const NAMES = [
  /x-wx-user: \S+/g,
  /wxsession/g,
  /wx\.\w+/g,
  /\bwx\b/g,
  /WebAssembly/g,
  /\bnpm\b/g,
  /English/g,
  /\b(alova|luch-request)\b/g,
  /code2Session/g,
  /session\.\w+/g,
  /login\(\)/g,
  /(request |uploadFile )?(GET|POST|PUT) \/\S+/g,
  /\b[a-z]+_[a-z_]+\b/g,
  /\b(get|swap|code|ms|errcode)\b/g,
  /net::\w+|errno/g,
  /\b(sessionid|GET)\b/g,
]

/**
 * Every text on the page, visible or for screen readers.
 * @param {import('@playwright/test').Page} page
 */
const everything = (page) =>
  page.evaluate(() => {
    const texts = []
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
    while (walk.nextNode()) {
      const node = /** @type {any} */ (walk.currentNode)
      if (node.parentElement.tagName === 'CODE' && node.parentElement.id === 'lines') continue
      if (node.nodeType === Node.TEXT_NODE) texts.push(node.textContent.trim())
      else
        texts.push(
          node.getAttribute('aria-label') || '',
          node.getAttribute('title') || '',
          node.getAttribute('alt') || '',
        )
    }
    return [...new Set(texts.filter(Boolean))]
  })

/**
 * The texts with Latin words that are not names.
 * @param {string[]} texts
 */
function foreign(texts) {
  return texts.filter((text) => /[A-Za-z]{2,}/.test(NAMES.reduce((rest, name) => rest.replace(name, ''), text)))
}

/** Scenes with every word between them. */
const SESSIONS = ['expire', 'thief', 'revoke', 'busy', 'store', 'offline', 'abort']
const ACCOUNTS = ['register', 'password', 'guess', 'taken', 'users']

test.describe(() => {
  test.use({ locale: 'zh-CN' })

  test('nothing is left in English where the page is Chinese, in any scene', async ({ page, visitor }) => {
    await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN')
    for (const scene of [...SESSIONS, ...ACCOUNTS]) {
      await visitor.play(scene)
      expect(foreign(await everything(page)), scene).toEqual([])
      await page.click('#table')
      await page.waitForSelector('#calls table')
      expect(foreign(await everything(page)), `${scene} as a table`).toEqual([])
      await page.click('#picture')
    }
    for (const order of ['upload', 'signOut', 'list', 'signIn']) {
      await visitor.order(order)
      expect(foreign(await everything(page)), order).toEqual([])
    }
  })
})

test('nothing is left in Chinese where the page is English but the name of the other language', async ({
  page,
  visitor,
}) => {
  await visitor.play('expire')
  const chinese = (await everything(page)).filter((text) => /[\u4e00-\u9fff]/.test(text))
  expect(chinese).toEqual(['Language: 中文', '中文'])
})

test.describe(() => {
  test.use({ locale: 'zh-CN' })

  test('a count on its way to the least is not called wrong', async ({ page, visitor }) => {
    await page.evaluate(() => {
      window.heard = []
      const heard = () => window.heard.push(document.getElementById('counters').textContent)
      new MutationObserver(heard).observe(document.getElementById('counters'), {
        childList: true,
        subtree: true,
        characterData: true,
      })
    })
    await visitor.play('expire')
    const written = await page.evaluate(() => window.heard)
    expect(written.join()).toContain('/ 41')
    expect(written.filter((text) => text.includes('应为'))).toEqual([])
  })
})

test('the switch is remembered', async ({ page, visitor }) => {
  await page.click('#language')
  await expect(page.locator('#scenes-title')).toHaveText('让它出点问题')
  await page.reload()
  await visitor.isReady()
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN')
})

test('both languages have the same words, with the same values in them', async ({ page }) => {
  const [en, zh] = await page.evaluate(() =>
    Promise.all(['en', 'zh'].map((name) => import(`/words/${name}.js`).then((words) => words.default))),
  )
  expect(Object.keys(zh)).toEqual(Object.keys(en))
  /** @param {string} text */
  const values = (text) => (text.match(/\{\w+\}/g) || []).sort()
  for (const name of Object.keys(en)) {
    expect(zh[name], name).not.toBe('')
    expect(values(zh[name]), name).toEqual(values(en[name]))
  }
})
