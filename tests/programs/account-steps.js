/* What a user does with the example's pages, step by step. */
'use strict'

const { equal } = require('../package/assert')
const { until } = require('./running')

const PASSWORD = 'correct horse battery'
const ACCOUNT = 'pages/account/account'
const SIGN_IN = 'pages/sign-in/sign-in'

/** What a form gives. */
const typed = (value) => ({ detail: { value } })
/** What a tap on an item of a list gives. */
const on = (dataset) => ({ currentTarget: { dataset } })

/** Opens the first page and then the account's, as its user does by the tab bar. */
async function opened(phone) {
  phone.launch()
  await phone.wx.switchTab({ url: `/${ACCOUNT}` })
  const page = phone.page()
  await until(page, ({ isSignedIn }) => isSignedIn)
  await until(page, ({ isGuest, ways }) => isGuest || ways.length > 0)
  return page
}

async function go(phone, name) {
  await phone.wx.navigateTo({ url: `/pages/${name}/${name}` })
  return phone.page()
}

async function user(phone) {
  return (await phone.account.get()).user
}

async function register(phone, identifier) {
  const account = await opened(phone)
  const page = await go(phone, 'register')
  await page.register(typed({ identifier, password: PASSWORD }))
  equal(page.data.problem, null)
  await until(account, ({ ways }) => ways.length > 0)
  return account
}

/** A phone of somebody else that is signed in to the account. */
async function signedIn(phone, identifier, isLinking) {
  const account = await opened(phone)
  const page = await go(phone, 'sign-in')
  if (isLinking) page.chooseLinking(typed(true))
  await page.byPassword(typed({ identifier, password: PASSWORD }))
  equal(page.data.problem, null)
  await until(account, ({ isGuest }) => !isGuest)
  return account
}

module.exports = { ACCOUNT, PASSWORD, SIGN_IN, go, on, opened, register, signedIn, typed, user }
