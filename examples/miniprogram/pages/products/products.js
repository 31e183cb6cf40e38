const session = require('../../session')
const { toSignIn } = require('../../account')
const { problemOf, problemOfAnswer } = require('../../messages')

Page({
  data: { products: [], isLoading: false, problem: null },

  onShow() {
    return this.load()
  },

  async onPullDownRefresh() {
    await this.load()
    wx.stopPullDownRefresh()
  },

  /** The button below a problem. `login` does nothing if the user is signed in already, and waits for no pause. */
  retry() {
    return this.data.problem.isSignedOut ? toSignIn() : this.load({ signIn: true })
  },

  async load({ signIn = false } = {}) {
    this.setData({ isLoading: true })
    try {
      if (signIn) await session.login()
      /** @type {{statusCode: number, data: any}} */
      const answer = await session.request({ url: '/wx/products/list' })
      if (answer.statusCode === 200) this.setData({ products: answer.data.map(shown), problem: null })
      else this.setData({ products: [], problem: problemOfAnswer(answer) })
    } catch (error) {
      this.setData({ products: [], problem: problemOf(error) })
    }
    this.setData({ isLoading: false })
  },
})

/** Prices are in fen, hundredths of a yuan. */
function shown({ id, name, price }) {
  return { id, name, price: `¥${(price / 100).toFixed(2)}` }
}
