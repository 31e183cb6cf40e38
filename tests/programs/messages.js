'use strict'

const fs = require('fs')
const path = require('path')
const { equal, ok } = require('../package/assert')
const { group } = require('../package/runner')
const { TOP } = require('./folders')

const { problemOf, problemOfAnswer } = require('../../examples/miniprogram/messages')

const test = group('messages')

/** Codes of mistakes in the program or its server. The user can neither mend them nor wait until they are gone. */
const OUR_FAULT = [
  'invalid_option',
  'storage_key_in_use',
  'login_data_failed',
  'login_data_timeout',
  'misconfigured',
  'exchange_rejected',
  'bad_answer',
]

test('every failure has words of its own, except those that are our fault', async () => {
  const declarations = fs.readFileSync(path.join(TOP, 'js/index.d.ts'), 'utf8')
  const union = declarations.slice(declarations.indexOf('type SessionErrorCode')).split('\n\n')[0]
  const codes = Array.from(union.matchAll(/'(\w+)'/g), ([, code]) => code)
  ok(codes.length > 20, `the codes are read: ${codes}`)
  const general = problemOf({ code: 'misconfigured' }).message
  equal(
    codes.filter((code) => problemOf({ code }).message === general),
    OUR_FAULT,
  )
})

test('an answer that ends the session asks to sign in, of an upload too', async () => {
  const data = { code: 'session_replaced' }
  const ended = problemOf(data)
  equal(
    [data, JSON.stringify(data)].map((data) => problemOfAnswer({ statusCode: 401, data })),
    [ended, ended],
  )
  const others = [{}, '', '<html>', undefined, null].map((data) => problemOfAnswer({ statusCode: 500, data }).message)
  equal(others, Array(5).fill('服务器返回了 500，请稍后重试'))
})

test('a wait is told in whole seconds', async () => {
  ok(/2 秒/.test(problemOf({ code: 'sign_in_paused', retryAfter: 1200 }).message), 'about 2 seconds')
})

test('those who have to sign in are offered that, and others to try again', async () => {
  equal([problemOf({ code: 'session_replaced' }).action, problemOf({ code: 'network' }).action], ['登录', '重试'])
})
