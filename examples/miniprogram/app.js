const session = require('./session')
const { toSignIn } = require('./account')

App({
  onLaunch() {
    // Another phone or a new password has ended the session, or the server wants to see who this is: only the user can go on.
    session.onChange((state) => {
      if (state === 'ended') toSignIn()
    })
  },
})
