/* English and Chinese: by the browser, by the switch, and completely. */
'use strict'

const assert = require('assert')
const { test } = require('./runner')

/** Names of interfaces, fields and units, which are the same in every language. */
const NAMES = [
  /wxsession/g,
  /wx\.\w+/g,
  /\bwx\b/g,
  /WebAssembly/g,
  /English/g,
  /code2Session/g,
  /session\.\w+/g,
  /login\(\)/g,
  /(request |uploadFile )?(GET|POST) \/\S+/g,
  /\b[a-z]+_[a-z_]+\b/g,
  /\b(get|swap|code|ms|errcode)\b/g,
  /net::\w+|errno/g,
]

/** All that is written on the page, or said of it to a screen reader. */
const everything = (page) =>
  page.evaluate(() => {
    const texts = []
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
    while (walk.nextNode()) {
      const node = walk.currentNode
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

function foreign(texts) {
  return texts.filter((text) => /[A-Za-z]{2,}/.test(NAMES.reduce((rest, name) => rest.replace(name, ''), text)))
}

test(
  'nothing is left in English where the page is Chinese, in any scene',
  async (visitor) => {
    const { page } = visitor
    assert.strictEqual(await page.getAttribute('html', 'lang'), 'zh-CN')
    for (const scene of ['expire', 'revoke', 'busy', 'store', 'offline', 'abort']) {
      await visitor.play(scene)
      assert.deepStrictEqual(foreign(await everything(page)), [], scene)
      await page.click('#table')
      await page.waitForSelector('#calls table')
      assert.deepStrictEqual(foreign(await everything(page)), [], `${scene} as a table`)
      await page.click('#picture')
    }
    for (const order of ['upload', 'signOut', 'list', 'signIn']) {
      await visitor.order(order)
      assert.deepStrictEqual(foreign(await everything(page)), [], order)
    }
  },
  { locale: 'zh-CN' },
)

test('nothing is left in Chinese where the page is English but the name of the other language', async (visitor) => {
  await visitor.play('expire')
  const chinese = (await everything(visitor.page)).filter((text) => /[\u4e00-\u9fff]/.test(text))
  assert.deepStrictEqual(chinese, ['Language: 中文', '中文'])
})

test('the switch is remembered', async (visitor) => {
  const { page } = visitor
  await page.click('#language')
  assert.strictEqual(await visitor.text('#scenes-title'), '让它出点问题')
  await page.reload()
  await visitor.isReady()
  assert.strictEqual(await page.getAttribute('html', 'lang'), 'zh-CN')
})

test('both languages have the same words, with the same values in them', async ({ page }) => {
  const [en, zh] = await page.evaluate(() =>
    Promise.all(['en', 'zh'].map((name) => import(`/words/${name}.js`).then((words) => words.default))),
  )
  assert.deepStrictEqual(Object.keys(zh), Object.keys(en))
  const values = (text) => (text.match(/\{\w+\}/g) || []).sort()
  for (const name of Object.keys(en)) {
    assert.notStrictEqual(zh[name], '', name)
    assert.deepStrictEqual(values(zh[name]), values(en[name]), name)
  }
})
