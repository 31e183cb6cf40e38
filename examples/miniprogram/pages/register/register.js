const session = require('../../session')
const { attempt } = require('../../attempt')

Page({
  data: { isBusy: false, problem: null },

  isLeft: false,

  onUnload() {
    this.isLeft = true
  },

  /** A guest keeps their data: the account gets the user of the guest, whose WeChat is linked to it from now on. */
  async register({ detail: { value } }) {
    const { identifier, password } = value
    const credentials = { method: 'password', identifier, password, register: true }
    const isDone = await attempt(this, () => session.login(credentials))
    if (isDone && !this.isLeft) wx.switchTab({ url: '/pages/account/account' })
  },
})
