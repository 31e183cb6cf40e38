/* A compiled program on a simulated phone, against real servers. */
'use strict'

const { loginAt, startPhone } = require('../../simulator/phone')
const { equal, ok } = require('../package/assert')
const { afterwards } = require('../package/runner')
const {
  arguments: { wechat },
} = require('./folders')

// In real milliseconds. The machine may be busy, and the client asks an unreachable server three times.
const PATIENCE = 60000
const GLANCE = 10

/** @param {string} root The compiled program. @param {object} [options] Of the phone. */
function start(root, options) {
  return watched(startPhone(Object.assign({ root, newCode: loginAt(wechat, { user: 'programs' }) }, options)))
}

/** A phone whose errors fail the test. */
function watched(phone) {
  phone.wx.stopPullDownRefresh = () => {}
  afterwards(async () => {
    phone.stop()
    equal(
      phone.thrown.map(({ where, error }) => `${where} threw ${error}`),
      [],
    )
    equal(
      phone.console.map(({ values }) => values.map(String)),
      [],
      'printed',
    )
  })
  return phone
}

/** Waits until a page shows what the condition asks for. */
async function until(page, condition) {
  const end = Date.now() + PATIENCE
  while (!condition(page.data)) {
    ok(Date.now() < end, `it ever showed ${condition}; it shows ${JSON.stringify(page.data)}`)
    await new Promise((resolve) => setTimeout(resolve, GLANCE))
  }
}

module.exports = { PATIENCE, start, until, watched }
