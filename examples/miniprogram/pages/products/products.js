const session = require('../../session')
const { problemOf, problemOfStatus } = require('../../messages')

Page({
  data: { products: [], isLoading: false, problem: null },

  onShow() {
    return this.load()
  },

  async onPullDownRefresh() {
    await this.load()
    wx.stopPullDownRefresh()
  },

  /** The button below a problem. Signing in first does nothing where somebody is signed in. */
  retry() {
    return this.load({ signIn: true })
  },

  async load({ signIn } = {}) {
    this.setData({ isLoading: true })
    try {
      if (signIn) await session.login()
      const { statusCode, data } = await session.request({ url: '/wx/products/list' })
      if (statusCode === 200) this.setData({ products: data.map(shown), problem: null })
      else this.setData({ products: [], problem: problemOfStatus(statusCode) })
    } catch (error) {
      this.setData({ products: [], problem: problemOf(error) })
    }
    this.setData({ isLoading: false })
  }
})

/** The price comes in fen, the hundredth of a yuan. */
function shown({ id, name, price }) {
  return { id, name, price: `¥${(price / 100).toFixed(2)}` }
}
