/*
 * The tables in tests/tables: this package and the crate wxsession-async must read answers and hide secrets alike. Two
 * rules are in the script as well as in the core: which origins get the session, and which kept session may go before the
 * core is loaded.
 */
'use strict'

const { exchanges, calls } = require('../tables/answers.json')
const kept = require('../tables/kept.json')
const origins = require('../tables/origins.json')
const secrets = require('../tables/secrets.json')
const { equal } = require('./assert')
const { group } = require('./runner')
const { start } = require('./start')

const test = group('tables')

/** A program whose exchanges wx ends with `answer` or `fail`. */
async function exchanging(/** @type {any} */ { answer, fail }) {
  const world = await start()
  const { request } = world.phone.wx
  world.phone.wx.request = (options) => {
    if (options.url !== `${world.url}/wx/onlogin`) return request(options)
    if (answer) options.success(answer)
    else options.fail(fail)
    return undefined
  }
  return world
}

for (const row of exchanges) {
  test(`an exchange that ends with ${row.what}`, async () => {
    const world = await exchanging(row)
    if (row.code) {
      const { cause, retryAfter } = await world.patiently(world.failure(world.session.login(), row.code))
      // What the server said is the package's alone.
      const told = JSON.parse(JSON.stringify(Object.assign({}, cause, { problem: undefined })))
      equal([told, retryAfter || 0], [row.cause, row.retryAfter || 0])
      return
    }
    await world.session.login()
    await world.call('/products')
    const [{ header }] = world.backend.at('/products')
    const { lifetime } = world.phone.wx.getStorageSync('wxsession')
    equal([header.sessionid, lifetime], [row.session, row.lifetime])
  })
}

for (const { answer, then, what } of calls) {
  test(`a call that is answered with ${what}`, async () => {
    const world = await (await start()).signedIn()
    const { request } = world.phone.wx
    let sends = 0
    world.phone.wx.request = (options) => {
      if (options.url !== `${world.url}/products`) return request(options)
      options.success(sends++ ? { statusCode: 200 } : answer)
      return undefined
    }
    const given = await world.call('/products')
    const isRenewed = then === 'renew'
    equal([sends, world.counts().logins], isRenewed ? [2, 2] : [1, 1])
    equal(given, isRenewed ? { statusCode: 200 } : answer)
    if (then !== 'renew' && then !== 'deliver') await world.failure(world.call('/products'), then)
  })
}

for (const { secret, said, told, what } of secrets) {
  test(`a code that wx repeats ${what}`, async () => {
    const world = await start({ phone: { newCode: () => secret } })
    world.phone.hooks.request = () => ({ fail: { errMsg: said } })
    const { errMsg } = (await world.patiently(world.failure(world.session.login(), 'network'))).cause
    equal(errMsg, told)
  })

  // A session id is ASCII.
  if (!/^[ -~]+$/.test(secret)) continue
  test(`a session that wx repeats ${what}`, async () => {
    const world = await start()
    world.backend.exchange = () => ({ data: { sessionid: secret } })
    await world.session.login()
    world.phone.hooks.request = () => ({ fail: { errMsg: said } })
    const { errMsg } = (await world.failure(world.call('/products'), 'request_failed')).cause
    equal(errMsg, told)
  })
}

for (const trusted of Array.from(new Set(origins.map((row) => row.trusted)))) {
  test(`the session of a program that trusts ${trusted}`, async () => {
    const world = await (await start({ options: { origins: [trusted] } })).signedIn()
    world.phone.hooks.request = () => ({ answer: {} })
    const [id] = world.backend.ids
    for (const { url, carries } of origins.filter((row) => row.trusted === trusted)) {
      // A path alone belongs to `baseUrl`, and an empty URL to nobody.
      if (!url || /^\/[^/]/.test(url)) continue
      let sent
      const { request } = world.phone.wx
      world.phone.wx.request = (options) => {
        sent = options.header || {}
        world.phone.wx.request = request
        options.success({ statusCode: 200 })
        return undefined
      }
      // Where there is neither scheme nor slash, nothing is sent.
      await world.session.request({ url }).catch(() => {})
      world.phone.wx.request = request
      equal(Boolean(sent) && sent.sessionid === id, carries, `${JSON.stringify(url)}`)
    }
  })
}

for (const { what, version, loginUrl, id, age, lifetime, goes } of kept) {
  test(`a program starts with ${what}`, async () => {
    const world = await start()
    const issuer = loginUrl === 'own' ? world.options.loginUrl : loginUrl
    const stored = { version, loginUrl: issuer, id, received: world.clock.now() - age, lifetime }
    world.phone.shelf.set('wxsession', JSON.stringify(stored))
    const next = world.restart()
    const call = next.call('/products')
    // The core cannot have been loaded in the same turn.
    equal(
      next.phone.requests.map(({ header }) => header.sessionid),
      goes ? [id] : [],
    )
    equal(next.session.state, goes ? 'signed-in' : 'loading')
    equal((await call).statusCode, 200)
  })
}
