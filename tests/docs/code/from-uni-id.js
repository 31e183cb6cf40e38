'use strict'

const { equal, ok } = require('../../package/assert')
const { group } = require('../../package/runner')
const { bundled } = require('./bundled')
const { page } = require('./page')
const { createService } = require('./services/uni-id')
const { start } = require('./start')
const { forty, twice } = require('./twice')

const test = group('moving from uni-id')

const PATH = '/uni-id-co/getAccountInfo'

/** Starts the guide's program with uni-app's names for wx's functions. */
async function startProgram(service, when) {
  const { phone, run } = await start(await bundled(page('moving-from-uni-id')), service, when)
  phone.wx.getSystemInfoSync = () => ({ appId: '__UNI__123456', uniPlatform: 'mp-weixin', deviceId: 'a-device' })
  return run
}

test('before, each of twenty calls signs in', async () => {
  const service = createService()
  const { call } = (await startProgram(service, 'before'))('cloud.js')
  await Promise.all(Array.from({ length: 20 }, () => call(PATH, {})))
  ok(service.signIns >= 20, `${service.signIns} sign-ins`)
})

test('afterwards one signs in for all, cold and when the token has expired', async () => {
  const service = createService()
  const { call } = (await startProgram(service))('cloud.js')
  const answers = await twice(() => call(PATH, { page: 2 }), service)
  equal(
    answers.map(({ params }) => params),
    forty({ page: 2 }),
  )
  equal(service.signIns, 2)
})

test('a sign-out reaches uni-id-co', async () => {
  const service = createService()
  const run = await startProgram(service)
  const { call } = run('cloud.js')
  await call(PATH, {})
  await call('/uni-id-co/logout', {})
  await run('session.js').session.logout()
  equal(service.signOuts, 1)
})
