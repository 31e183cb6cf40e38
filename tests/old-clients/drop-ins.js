/* The package's own drop-ins for old clients, at the server instead of the old ones. */
'use strict'

const { equal } = require('../package/assert')
const { group } = require('../package/runner')
const { PROFILE, open, outcome } = require('./world')

const test = group('drop-ins')
const times = (count, call) => Promise.all(Array.from({ length: count }, (_, place) => call(place)))

for (const [name, login] of [
  ['weapp-session-client', ''],
  ['wafer', '/login'],
  ['wafer2', '/weapp/login'],
]) {
  test(`${name} signs twenty calls in once, and once more when the session was ended`, async () => {
    const { url, end, phone: start } = await open()
    const { phone } = start('ann')
    const client = phone.require(`wxsession/${name}`)
    if (login) client.setLoginUrl(url + login)
    if (login) await outcome(client.login)
    const request = login ? client.request : client
    const call = () => outcome(request, { url: `${url}/api/me` })
    const first = await times(20, call)
    const { openId } = first[0].value.data.data
    await end(openId)
    const later = await times(20, call)
    for (const { called, value } of [...first, ...later]) {
      equal([called[0], value.data.wxUserInfo], ['success', { ...PROFILE, openId }])
    }
    equal(phone.counts.logins, 2)
  })
}
