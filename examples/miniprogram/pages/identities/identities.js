const { account, change } = require('../../account')
const { attempt } = require('../../attempt')
const { nameOf } = require('../../ways')

Page({
  data: { identities: [], isWeChatLinked: false, isBusy: false, problem: null },

  async onLoad() {
    await attempt(this, () => this.load())
  },

  async load() {
    const { identities } = await account.get()
    this.setData({
      identities: identities.map(({ id, kind, shown }) => ({ id, name: nameOf(kind, shown) })),
      isWeChatLinked: identities.some(({ kind }) => kind === 'wechat'),
    })
  },

  /** The WeChat user of this phone, for whom every later start is silent. */
  linkWeChat() {
    return this.change(() => account.link({ method: 'wechat' }))
  },

  /** The button open-type="getPhoneNumber". Without a code, the user has refused. */
  async linkPhone({ detail: { code } }) {
    if (code) await this.change(() => account.link({ method: 'phone', phone_code: code }))
  },

  async unlink({ currentTarget: { dataset } }) {
    const { confirm } = await wx.showModal({
      title: '解绑',
      content: `解绑后不能再用「${dataset.name}」登录，用它登录的其他设备会下线。`,
    })
    if (confirm) await this.change(() => account.unlink(dataset.id))
  },

  change(run) {
    return attempt(this, async () => {
      await change(run)
      await this.load()
    })
  },
})
