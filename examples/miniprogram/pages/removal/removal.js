const session = require('../../session')
const { account, change } = require('../../account')
const { attempt } = require('../../attempt')

Page({
  data: { isBusy: false, problem: null },

  async remove() {
    const { confirm } = await wx.showModal({ title: '注销账号', content: '注销后无法恢复，确定注销吗？' })
    if (!confirm || !(await attempt(this, () => change(() => account.remove())))) return
    // From here on a guest again. If this fails, the user is signed out, and the next page says so.
    await session.login({ method: 'wechat' }).catch(() => {})
    wx.switchTab({ url: '/pages/account/account' })
  },
})
