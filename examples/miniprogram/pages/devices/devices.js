const { account } = require('../../account')
const { attempt } = require('../../attempt')
const { nameOf, timeOf } = require('../../ways')

Page({
  data: { devices: [], isBusy: false, problem: null },

  async onLoad() {
    await attempt(this, () => this.load())
  },

  async load() {
    const sessions = await account.sessions()
    this.setData({
      devices: sessions.map(({ id, here, since, used, by, shown }) => ({
        id,
        isHere: here,
        name: nameOf(by, shown),
        since: timeOf(since),
        used: timeOf(used),
      })),
    })
  },

  end({ currentTarget: { dataset } }) {
    return attempt(this, async () => {
      await account.endSession(dataset.id)
      await this.load()
    })
  },
})
