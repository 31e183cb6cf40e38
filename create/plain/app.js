const session = require('./session')

App({
  onLaunch() {
    // Early, so that the first page waits less. If this fails, the page's own call fails too and tells the user.
    session.login().catch(() => {})
  },
})
