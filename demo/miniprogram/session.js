/* The one session of this mini program, which signs its requests where the server offers that. */
const { createSession } = require('wxsession')
const { signed } = require('wxsession/signed')
const { api, isSigned } = require('./config')

const loginUrl = `${api}/wx/onlogin`
const host = isSigned ? { host: signed(wx, loginUrl) } : {}

module.exports = createSession(Object.assign({ loginUrl, baseUrl: api }, host))
