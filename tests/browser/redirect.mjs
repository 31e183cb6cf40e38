// A sign-in for which the page goes to another site.

import assert from 'node:assert/strict'
import test from 'node:test'
import { elsewhere, opened, PAGE } from './world.mjs'

/** How the other site answers, by the name of the client. */
const ANSWERS = {
  good: { code: 'abc' },
  denied: { error: 'access_denied' },
  strange: { code: 'abc', state: 'another' },
}
let asked = 0
let sentBackTo = ''
const site = elsewhere.url
elsewhere.server.on('request', (request, response) => {
  const { searchParams } = new URL(request.url ?? '', 'http://site')
  const back = new URL(searchParams.get('back') ?? '')
  const answer = { state: searchParams.get('state'), ...ANSWERS[searchParams.get('client') ?? ''] }
  for (const [name, value] of Object.entries(answer)) back.searchParams.set(name, value)
  asked++
  sentBackTo = back.href
  response.writeHead(302, { location: back.href }).end()
})

/** Makes the login in the page, as a program does while it starts. */
const prepare = (page, client) =>
  page.evaluate(
    ([site, client]) => {
      window.login = byRedirect((back, state) => `${site}/?${new URLSearchParams({ client, back, state })}`)
    },
    [site, client],
  )

/** Signs in, for which the page goes away and comes back. */
const leave = async (page, client) => {
  await prepare(page, client)
  const isBack = page.waitForEvent('load')
  await page.evaluate(() => void window.login())
  await isBack
  await prepare(page, client)
}

const asks = (page) =>
  page.evaluate(() =>
    window.login().then(
      (code) => ({ code }),
      ({ message }) => ({ message }),
    ),
  )

test('the page comes back with a code, to where the user was', async (t) => {
  const page = await opened(t)
  const before = `${PAGE}/?page=2#/pages/list`
  await page.goto(before)
  await leave(page, 'good')
  assert.equal(page.url(), before)
  assert.equal(await page.evaluate(() => window.login.isBack), true)
  assert.deepEqual(await asks(page), { code: 'abc' })
})

test('a code is taken once, also if the page is opened again with the code in its address', async (t) => {
  const page = await opened(t)
  await leave(page, 'good')
  await page.goto(sentBackTo)
  const before = asked
  await leave(page, 'good')
  assert.equal(asked, before + 1)
})

test('a code that was not asked for here is ignored, and stays where it is', async (t) => {
  const page = await opened(t)
  const strange = `${PAGE}/?code=strangers&state=theirs`
  await page.goto(strange)
  const before = asked
  await leave(page, 'good')
  assert.equal(asked, before + 1)
  assert.equal(page.url(), strange)
  assert.deepEqual(await asks(page), { code: 'abc' })
})

test('a code with another state than the one that was sent is ignored', async (t) => {
  const page = await opened(t)
  await leave(page, 'strange')
  assert.equal(await page.evaluate(() => window.login.isBack), false)
  const before = asked
  await leave(page, 'good')
  assert.equal(asked, before + 1)
  assert.deepEqual(await asks(page), { code: 'abc' })
})

test('what the other site says is why the sign-in fails', async (t) => {
  const page = await opened(t)
  await leave(page, 'denied')
  assert.equal(await page.evaluate(() => window.login.isBack), false)
  assert.deepEqual(await asks(page), { message: 'access_denied' })
  assert.equal(page.url(), `${PAGE}/`)
})

test('a page whose codes all are refused goes three times a minute, and no more', async (t) => {
  const page = await opened(t)
  for (let time = 1; time <= 3; time++) {
    await leave(page, 'good')
    assert.deepEqual(await asks(page), { code: 'abc' })
  }
  const before = asked
  assert.deepEqual(await asks(page), { message: 'each code was refused: ask the server why' })
  assert.equal(asked, before)
})

test('a page that comes back is no longer signed out, and one whose user has refused still is', async (t) => {
  for (const [client, expected] of Object.entries({ good: ['', 'a'], denied: [{ ended: 6 }, 'a'] })) {
    const page = await opened(t)
    await page.evaluate(() => {
      browser().setStorageSync('ended', { ended: 6 })
      browser().setStorageSync('other', 'a')
    })
    await leave(page, client)
    const kept = await page.evaluate(() => {
      const host = browser({ login: window.login })
      return ['ended', 'other'].map((key) => host.getStorageSync(key))
    })
    assert.deepEqual(kept, expected)
  }
})

test('where nothing can be kept the page stays, because nobody could tell whose code comes back', async (t) => {
  const page = await opened(t)
  await prepare(page, 'good')
  await page.evaluate(() => {
    Storage.prototype.setItem = () => {
      throw Error('full')
    }
  })
  assert.deepEqual(await asks(page), { message: 'full' })
})
