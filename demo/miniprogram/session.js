/* The one session of this mini program. */
const { createSession } = require('wxsession')
const { api } = require('./config')

module.exports = createSession({ loginUrl: `${api}/wx/onlogin`, baseUrl: api })
