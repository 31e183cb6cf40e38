const session = require('../../session')
const { account, toSignIn } = require('../../account')
const { problemOf } = require('../../messages')
const { nameOf } = require('../../ways')

const STATES = {
  loading: '正在加载',
  'signed-out': '未登录',
  'signing-in': '正在登录',
  'signed-in': '已登录',
  ended: '已在别处下线',
}

Page({
  data: { state: '', isSignedIn: false, isSigningIn: false, isGuest: false, ways: [], problem: null },

  /** Set by `onLoad`, which starts to watch the session. */
  stopWatching: undefined,

  onLoad() {
    this.show(session.state)
    this.stopWatching = session.onChange((state) => this.show(state))
  },

  onUnload() {
    this.stopWatching()
  },

  /** Reads the account. This signs a new user in, as a guest; nobody who has signed out. */
  async onShow() {
    try {
      const { guest, identities } = await account.get()
      this.setData({ isGuest: guest, ways: identities.map(({ kind, shown }) => nameOf(kind, shown)), problem: null })
    } catch (error) {
      // The state says it all, and the button below leads on.
      const isSignedOut = session.state === 'signed-out' || session.state === 'ended'
      this.setData({ isGuest: false, ways: [], problem: isSignedOut ? null : problemOf(error) })
    }
  },

  show(state) {
    this.setData({
      state: STATES[state],
      isSignedIn: state === 'signed-in',
      isSigningIn: state === 'signing-in',
    })
  },

  signIn() {
    toSignIn()
  },

  /** Signs out on the phone at once and tells the server. `logout` never fails. */
  signOut() {
    return session.logout()
  },
})
