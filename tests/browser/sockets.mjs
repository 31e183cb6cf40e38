// A browser's WebSocket as wx's.

import assert from 'node:assert/strict'
import test from 'node:test'
import { WebSocketServer } from 'ws'
import { API, server } from './api.mjs'
import { opened, serve } from './world.mjs'

const url = `${API.replace('http', 'ws')}/socket`

/** Echoes, chooses the first protocol that is no secret, and closes with a code that it is told. */
const sockets = new WebSocketServer({
  server,
  handleProtocols: (protocols) => Array.from(protocols).find((name) => !name.startsWith('sessionid.')) ?? false,
})
sockets.on('connection', (socket, request) => {
  socket.send(JSON.stringify({ offered: request.headers['sec-websocket-protocol'] ?? '', chosen: socket.protocol }))
  socket.on('message', (data, isBinary) => {
    const [, code] = /^close (\d+)/.exec(String(data)) ?? []
    if (code) socket.close(Number(code), 'as asked')
    else socket.send(data, { binary: isBinary })
  })
})
test.after(() => sockets.close())

/** Opens a socket in the page, and gathers what it tells in `window.events`. */
const open = (page, options, host = '{}') =>
  page.evaluate(
    ([options, host]) => {
      window.events = []
      const tell = (name) => (value) => window.events.push([name, Object(value)])
      const callbacks = { success: tell('success'), fail: tell('fail') }
      window.socket = browser(eval(`(${host})`)).connectSocket({ ...options, ...callbacks })
      for (const event of ['Open', 'Message', 'Close', 'Error']) window.socket[`on${event}`](tell(event))
      return window.socket.readyState
    },
    [options, host],
  )

/** The events, once there are so many. */
const events = async (page, count) => {
  await page.waitForFunction((count) => window.events.length >= count, count)
  return page.evaluate(() => window.events)
}

test('a socket opens, echoes text and bytes, and closes with a code', async (t) => {
  const page = await opened(t)
  assert.equal(await open(page, { url }), 0)
  assert.deepEqual(
    (await events(page, 3)).map(([name]) => name),
    ['success', 'Open', 'Message'],
  )
  assert.equal(await page.evaluate(() => window.socket.readyState), 1)
  await page.evaluate(() => {
    window.socket.send({ data: 'text' })
    window.socket.send({ data: Uint8Array.of(1, 255).buffer })
  })
  await events(page, 5)
  assert.deepEqual(
    await page.evaluate(() =>
      window.events.slice(3).map(([, { data }]) => (data.byteLength ? [...new Uint8Array(data)] : data)),
    ),
    ['text', [1, 255]],
  )
  await page.evaluate(() => window.socket.send({ data: 'close 4401' }))
  assert.deepEqual((await events(page, 6))[5], ['Close', { code: 4401, reason: 'as asked' }])
  assert.equal(await page.evaluate(() => window.socket.readyState), 3)
})

test('the app closes a socket, with a code that browsers allow', async (t) => {
  const page = await opened(t)
  await open(page, { url })
  await events(page, 3)
  const method = (name, options) => page.evaluate(([name, options]) => ended(window, name, options), [name, options])
  await page.evaluate(() => Object.assign(window, { close: (given) => window.socket.close(given) }))
  await page.evaluate(() => Object.assign(window, { send: (given) => window.socket.send(given) }))
  assert.match((await method('close', { code: 1006 })).fail.errMsg, /^closeSocket:fail ./)
  assert.deepEqual(await method('send', { data: 'a' }), { success: { errMsg: 'sendSocketMessage:ok' } })
  assert.deepEqual(await method('close', { code: 4000, reason: 'bye' }), { success: { errMsg: 'closeSocket:ok' } })
  assert.deepEqual(await method('send', { data: 'a' }), { fail: { errMsg: 'sendSocketMessage:fail not open' } })
  await page.waitForFunction(() => window.events.some(([name]) => name === 'Close'))
  const told = await page.evaluate(() => window.events.pop())
  assert.deepEqual(told, ['Close', { code: 4000, reason: 'bye' }])
})

test('a socket with headers names the remedy', async (t) => {
  const page = await opened(t)
  await open(page, { url, header: { sessionid: 'secret' } })
  const errMsg =
    'connectSocket:fail a WebSocket of a browser carries no headers: set socketProtocols, or pass auth: false'
  assert.deepEqual(await events(page, 1), [['fail', { errMsg }]])
})

test('subprotocols carry what would be in the headers', async (t) => {
  const page = await opened(t)
  const host = '{ socketProtocols: ({ sessionid }) => ["chat", "sessionid." + sessionid] }'
  await open(page, { url, header: { sessionid: 'abc' }, protocols: ['mine'] }, host)
  const told = await events(page, 3)
  assert.deepEqual(JSON.parse(told[2][1].data), { offered: 'mine, chat, sessionid.abc', chosen: 'mine' })
})

test('a server that is not there is an error and a close, and so is one that is late', async (t) => {
  const page = await opened(t)
  const silent = await serve(() => {})
  silent.server.on('upgrade', () => {})
  const expected = ['success', 'Error', 'Close']
  for (const options of [{ url: 'ws://127.0.0.1:1/' }, { url: silent.url, timeout: 300 }]) {
    await open(page, options)
    assert.deepEqual(
      (await events(page, 3)).map(([name]) => name),
      expected,
    )
  }
})
