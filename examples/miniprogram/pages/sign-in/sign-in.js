const session = require('../../session')
const { account, leftSignIn } = require('../../account')
const { attempt } = require('../../attempt')
const { thirdParty } = require('../../config')

const METHODS = ['password', 'code', 'phone', 'oidc', 'wechat']

Page({
  data: { isProof: false, can: {}, isLinking: false, wait: 0, ask: null, isBusy: false, problem: null },

  identifier: '',
  isLeft: false,

  /** @param {{methods?: string}} query With `methods`, somebody who is signed in has to show who they are. */
  onLoad({ methods }) {
    const offered = methods ? methods.split(',') : METHODS
    const can = {}
    for (const method of METHODS) can[method] = offered.indexOf(method) >= 0
    this.setData({ isProof: Boolean(methods), can })
  },

  onUnload() {
    this.isLeft = true
    leftSignIn()
  },

  byPassword({ detail: { value } }) {
    return this.signIn({ method: 'password', identifier: value.identifier, password: value.password })
  },

  byCode({ detail: { value } }) {
    return this.signIn({ method: 'code', identifier: this.identifier, otp: value.otp })
  },

  /** The button open-type="getPhoneNumber". Without a code, the user has refused. */
  async byPhone({ detail: { code } }) {
    if (code) await this.signIn({ method: 'phone', phone_code: code })
  },

  /** As the WeChat user who holds the phone: by the account that is linked to them, or as a guest. */
  byWeChat() {
    return this.signIn({ method: 'wechat' })
  },

  /** The third party shows no page here: the user opens its page elsewhere, and enters the code that this page shows. */
  async byThirdParty() {
    const show = (ask) => {
      if (!this.isLeft) this.setData({ ask })
      return !this.isLeft
    }
    const credentials = { method: 'oidc', issuer: thirdParty }
    await this.finish(() => account.byDevice((step) => this.login(Object.assign(step, credentials)), show))
    this.setData({ ask: null })
  },

  copyAddress() {
    wx.setClipboardData({ data: this.data.ask.verification_uri })
  },

  type({ detail: { value } }) {
    this.identifier = value
  },

  async sendCode() {
    await attempt(this, async () => {
      const { resend_in } = await account.challenge({ purpose: 'sign_in', identifier: this.identifier })
      this.countDown(resend_in)
    })
  },

  /** Seconds until a code may be sent again. */
  countDown(wait) {
    if (this.isLeft) return
    this.setData({ wait })
    if (wait > 0) setTimeout(() => this.countDown(wait - 1), 1000)
  },

  chooseLinking({ detail: { value } }) {
    this.setData({ isLinking: value })
  },

  signIn(credentials) {
    return this.finish(() => this.login(credentials))
  },

  /** Whoever has shown that a number or an address is theirs gets an account if they have none; a proof founds none. */
  login(credentials) {
    const { isProof, isLinking } = this.data
    if (isProof || credentials.method === 'wechat') return session.login(credentials)
    return session.login(Object.assign({ link: isLinking, register: credentials.method !== 'password' }, credentials))
  },

  async finish(run) {
    if ((await attempt(this, run)) && !this.isLeft) this.leave()
  },

  /** Also the way out for those who do not want to sign in, which WeChat's rules ask for. */
  leave() {
    wx.navigateBack({ fail: () => wx.switchTab({ url: '/pages/account/account' }) })
  },
})
