const session = require('../../session')
const { problemOf } = require('../../messages')

const STATES = {
  loading: '正在加载',
  'signed-out': '未登录',
  'signing-in': '正在登录',
  'signed-in': '已登录',
  ended: '已在别处下线',
}

Page({
  data: { state: '', isSignedIn: false, isSigningIn: false, problem: null },

  /** Set by `onLoad`, which starts to watch the session. */
  stopWatching: undefined,

  onLoad() {
    this.show(session.state)
    this.stopWatching = session.onChange((state) => this.show(state))
  },

  onUnload() {
    this.stopWatching()
  },

  show(state) {
    this.setData({
      state: STATES[state],
      isSignedIn: state === 'signed-in',
      isSigningIn: state === 'signing-in',
    })
  },

  async signIn() {
    try {
      await session.login()
      this.setData({ problem: null })
    } catch (error) {
      this.setData({ problem: problemOf(error) })
    }
  },

  /** Signs out on the phone at once and tells the server. `logout` never fails. */
  signOut() {
    return session.logout()
  },
})
