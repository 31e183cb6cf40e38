const { account, change } = require('../../account')
const { attempt } = require('../../attempt')

Page({
  data: { isBusy: false, isDone: false, problem: null },

  async setPassword({ detail: { value } }) {
    const isDone = await attempt(this, () => change(() => account.setPassword(value.password)))
    this.setData({ isDone })
  },
})
