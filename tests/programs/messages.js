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

const GENERAL = problemOf({ code: 'misconfigured' }).message

/** The names in a union type, of which there are at least so many. */
function namesOf(type, file, least) {
  const declarations = fs.readFileSync(path.join(TOP, file), 'utf8')
  const union = declarations.slice(declarations.indexOf(`type ${type} `)).split('\n\n')[0]
  const names = Array.from(union.matchAll(/'(\w+)'/g), ([, name]) => name)
  ok(names.length >= least, `the names are read: ${names}`)
  return names
}

test('every failure has words of its own, except those that are our fault', async () => {
  const codes = namesOf('SessionErrorCode', 'js/index.d.ts', 20)
  equal(
    codes.filter((code) => problemOf({ code }).message === GENERAL),
    OUR_FAULT,
  )
})

test('everything that a server with accounts refuses has words of its own', async () => {
  const codes = namesOf('SessionProblemCode', 'js/index.d.ts', 8).concat(
    namesOf('AccountProblem', 'js/account.d.ts', 3),
  )
  const messages = codes.map((code) => problemOf({ code }).message)
  equal([messages.includes(GENERAL), new Set(messages).size], [false, codes.length])
  const { message } = problemOf({ code: 'identity_taken' })
  equal(
    ['登录那个账号', '解绑', '注销'].filter((remedy) => !message.includes(remedy)),
    [],
  )
})

test('a weak password is told with its reason', async () => {
  const source = fs.readFileSync(path.join(TOP, 'accounts/src/password.rs'), 'utf8')
  const [, body] = source.split('fn as_str')
  const reasons = Array.from(body.split('}')[0].matchAll(/"(\w+)"/g), ([, reason]) => reason)
  const messages = reasons.map((reason) => problemOf({ code: 'password_weak', problem: { reason } }).message)
  equal([reasons.length, new Set(messages).size], [4, 4])
  equal(messages.includes(problemOf({ code: 'password_weak' }).message), false)
})

test('what was typed wrongly is told, of a sign-in too', async () => {
  const { message } = problemOf({ code: 'bad_request' })
  equal(problemOf({ code: 'exchange_rejected', problem: { code: 'bad_request' } }).message, message)
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
