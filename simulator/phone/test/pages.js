'use strict'

const { platform } = require('../index')
const { equal, test, throws } = require('./runner')
const { start } = require('./start')

test('a start runs the app, then opens the first page of app.json', async () => {
  const { phone } = await start(() => ({}))
  const page = phone.launch(undefined, { kind: 'new' })
  const app = phone.require('./globals').app()
  equal(app.started, { path: 'pages/list', query: { kind: 'new' } })
  equal(app.shown, true)
  equal(phone.page() === page, true)
  equal(page.route, 'pages/list')
  equal(page.data.calls, ['load new', 'show', 'ready'])
})

test('setData takes paths, copies what can cross to the view, and calls back in a later turn', async () => {
  const { phone } = await start(() => ({}))
  const page = phone.launch()
  let early = true
  /** @type {Promise<void>} */
  const filled = new Promise((resolve, reject) => {
    page.fill(() => (early ? reject(new Error('called back in the same turn')) : resolve()))
    early = false
  })
  await filled
  equal(page.data.items, [{ name: 'first' }, { name: 'second', price: 3 }])
  equal('nothing' in page.data, false)
})

test('a second opening of a page starts from the data that it was registered with', async () => {
  const { phone } = await start(() => ({}))
  phone.launch().fill()
  equal(phone.open('/pages/list').data, { items: [], calls: ['load undefined', 'show', 'ready'] })
})

test('a component is opened as a page, over the one before', async () => {
  const { phone } = await start(() => ({}))
  const list = phone.launch()
  const detail = phone.open('pages/detail', { of: '7' })
  equal(list.data.calls.slice(-1), ['hide'])
  equal(detail.data, { id: 0, label: 'none', calls: [] })
  equal(detail.made, ['created', 'attached none', 'load 7, 2 open, pages/list', 'ready'])
})

test('a page that registers nothing is named', async () => {
  const { phone } = await start(() => ({}))
  throws(() => phone.launch('pages/silent'), /pages\/silent\.js calls neither Page nor Component/)
})

test('a plugin has pages, but neither an app nor an app.json', async () => {
  const { phone } = await start(() => ({}), {
    platform: Object.assign({}, platform, {
      readText(path) {
        if (/app\.json$/.test(path)) throw new Error('there is no such file')
        return platform.readText(path)
      },
    }),
  })
  equal(phone.open('pages/list').data.calls, ['load undefined', 'show', 'ready'])
})
