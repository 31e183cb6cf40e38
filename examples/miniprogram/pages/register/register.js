const session = require('../../session')
const { attempt } = require('../../attempt')

Page({
  data: { isBusy: false, problem: null },

  /** A guest keeps their data: the account gets the user of the guest, whose WeChat is linked to it from now on. */
  async register({ detail: { value } }) {
    const { identifier, password } = value
    const credentials = { method: 'password', identifier, password, register: true }
    if (await attempt(this, () => session.login(credentials))) wx.switchTab({ url: '/pages/account/account' })
  },
})
