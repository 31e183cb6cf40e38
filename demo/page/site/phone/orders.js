/* The actions of the buttons on the phone's screen, and of a new phone. */
'use strict'

module.exports = {
  first: { play: (stage) => stage.openShop(1) },
  launch: {
    async play(stage) {
      stage.restart()
      await stage.openShop(1)
    },
  },
  list: { play: (stage) => stage.openShop(1) },
  upload: { play: (stage) => stage.upload() },
  signOut: { play: (stage) => stage.signOut() },
  signIn: {
    async play(stage) {
      await stage.session().login()
      await stage.openShop(1)
    },
  },
}
