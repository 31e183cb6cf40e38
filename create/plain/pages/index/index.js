const session = require('../../session')
const { problemOf, problemOfAnswer } = require('../../messages')

Page({
  data: { state: '', products: [], problem: null },

  onLoad() {
    this.setData({ state: session.state })
    this.stopWatching = session.onChange((state) => this.setData({ state }))
    return this.load()
  },

  onUnload() {
    this.stopWatching()
  },

  async load() {
    try {
      /** @type {{statusCode: number, data: any}} */
      const answer = await session.request({ url: '/wx/products/list' })
      if (answer.statusCode === 200) this.setData({ products: answer.data, problem: null })
      else this.setData({ problem: problemOfAnswer(answer) })
    } catch (error) {
      this.setData({ problem: problemOf(error) })
    }
  },

  /** The button below a problem. `login` also ends a pause after failures, and a sign-out. */
  async signIn() {
    try {
      await session.login()
    } catch (error) {
      return this.setData({ problem: problemOf(error) })
    }
    return this.load()
  },

  async signOut() {
    await session.logout()
    this.setData({ products: [] })
  },
})
