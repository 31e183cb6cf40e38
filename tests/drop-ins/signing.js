/* Each drop-in over a host that signs. No old server gives a key, so that all is as without it. */
'use strict'

const { equal } = require('../package/assert')
const { group } = require('../package/runner')
const { nodeSession } = require('./servers/wafer')
const { nodeSdk } = require('./servers/wafer2')
const { weappSession } = require('./servers/weapp-session')
const { outcome, start } = require('./start')

const test = group('signing')

/** A drop-in by its name: its server, where it signs in, a call, and what makes calls with a host. */
const DROP_INS = {
  'weapp-session-client': {
    serve: weappSession,
    login: '/',
    call: '/api/me',
    open(request, loginUrl, host) {
      request.setOptions({ host })
      return request
    },
  },
  wafer: {
    serve: nodeSession,
    login: '/login',
    call: '/me',
    open: opened,
  },
  wafer2: {
    serve: nodeSdk,
    login: '/weapp/login',
    call: '/weapp/user',
    open: opened,
    // Of a user whom it does not know, the server wants to hear first.
    before: (client) => outcome(client.login),
  },
}

function opened(client, loginUrl, host) {
  client.setLoginUrl(loginUrl, { host })
  return (options) => client.request(Object.assign({ login: true }, options))
}

/** Twenty calls at once, and the user whom each answer names. */
async function twenty(request, url) {
  const made = await Promise.all(Array.from({ length: 20 }, () => outcome(request, { url })))
  return made.map(({ called, value }) => `${called}: ${Object(value.data.data || value.data).openId}`)
}

for (const name of Object.keys(DROP_INS)) {
  const { serve, login, call, open, before } = DROP_INS[name]
  const client = (phone, url) => {
    const { signed } = phone.require('wxsession/signed')
    return open(phone.require(`wxsession/${name}`), url + login, signed(phone.wx, url + login))
  }

  test(`${name} signs in, renews and goes on after a restart`, async () => {
    const world = await start(serve)
    const all = Array(20).fill(`success,complete: ${world.wechat.openId}`)
    const request = client(world.phone, world.url)
    if (before) await before(world.client(name))
    equal(await twenty(request, world.url + call), all)
    world.service.expire()
    equal(await twenty(request, world.url + call), all)
    equal(world.phone.counts.logins, 2)
    const { phone } = world.restarted(name)
    equal(await twenty(client(phone, world.url), world.url + call), all)
    equal(phone.counts.logins, 0)
    const sent = world.phone.requests.concat(phone.requests)
    equal(
      sent.filter(({ header }) => Object.keys(header).some((name) => /^(signature|content-digest)/i.test(name))),
      [],
    )
  })
}
