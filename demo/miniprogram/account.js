/* The user's account, whose calls have names as the shop's have. */
const { createAccount } = require('wxsession/account')
const { named } = require('./calls')
const session = require('./session')

module.exports = createAccount(
  Object.assign({}, session, {
    request: (options) => session.request(Object.assign({ header: named() }, options)),
  }),
)
