/* The one session of this mini program: every page requires this module. */
const { createSession } = require('wxsession')
const { server } = require('./config')

module.exports = createSession({ loginUrl: `${server}/wx/onlogin` })
