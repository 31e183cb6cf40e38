/*
 * An app's own user database, with the hook that a server asks at every sign-in, over real HTTP. It can be stopped. Its
 * password is not hashed, because everybody may know it; examples/own-users has a real one.
 */
'use strict'

const { createServer } = require('http')

const USER = { id: '41', name: 'li.na', password: 'seven pots of tea' }

/** @param {number} port */
function createUsers(port) {
  /** The openids of the WeChat users who are linked to the user. */
  const linked = new Set()
  let serving

  function find({ method, credentials, wechat, presented }) {
    if (method === 'renew') return [200, { user: presented.user }]
    if (method === 'silent' || method === 'wechat') {
      return [200, linked.has(wechat.openid) ? { user: USER.id } : { guest: true }]
    }
    const { identifier, password, link } = credentials
    if (method !== 'password' || identifier !== USER.name || password !== USER.password) return [401, {}]
    if (link) linked.add(wechat.openid)
    return [200, { user: USER.id }]
  }

  async function answer(request, response) {
    const parts = []
    for await (const part of request) parts.push(part)
    const [status, body] = find(JSON.parse(Buffer.concat(parts).toString()))
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  function start() {
    serving = createServer(answer)
    return new Promise((resolve, reject) => serving.on('error', reject).listen(port, '127.0.0.1', resolve))
  }

  /** Resolves once every connection is closed. */
  function stop() {
    const stopped = new Promise((resolve) => serving.close(resolve))
    serving.closeAllConnections()
    return stopped
  }

  return { start, stop }
}

module.exports = { createUsers }
