'use strict'

const { equal } = require('../../package/assert')
const { group } = require('../../package/runner')
const { createService } = require('../../tutorial/service')
const express = require('express')
const { blocksOf, page } = require('./page')
const { start } = require('./start')

const test = group('README')

/** The tutorial's service, with a sign-in that takes JSON. */
function service() {
  const app = express()
  const usual = createService((code) => code)
  app.post('/wx/onlogin', express.json(), (request, response, next) => {
    Object.assign(request, { method: 'GET', url: `/wx/onlogin?code=${request.body.code}` })
    next()
  })
  return { app: app.use(usual.app) }
}

const PRODUCTS = [
  { id: 1, name: 'Tea' },
  { id: 2, name: 'Cup' },
]

test('the modules of AGENTS.md get the products', async () => {
  const { run } = await start({ files: page('./AGENTS.md').files }, service())
  equal(await run('list.js').products(), PRODUCTS)
})

for (const file of ['README.md', 'README.zh-CN.md']) {
  test(`the first program of ${file} prints the products`, async () => {
    const { phone, run } = await start({ files: new Map([['app.js', blocksOf(file, 'js')[0]]]) }, service())
    run('app.js')
    while (phone.console.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    const [{ values }] = phone.console
    equal(values, [200, PRODUCTS])
  })
}
