/*
 * The scenes. Each prepares what it needs; `stage.restore` undoes that. In a scene with `rival`, another client does the same
 * at the same time on a phone of its own.
 */
'use strict'

const MANY = 20
const SOME = 6
const EIGHT_DAYS = 8 * 24 * 3600 * 1000

/** More attempts than the server makes for one exchange. */
const BUSY_ANSWERS = 3

const signedIn = (stage) => stage.session().login()

/** The rival has signed in, and then two hours pass. */
const expired = {
  prepare: (rival) => rival.openShop(1),
  async play(rival) {
    await rival.backend.twoHoursPass()
    await rival.openShop(MANY)
  },
}

module.exports = {
  cold: {
    async play(stage) {
      stage.restart({ fresh: true })
      await stage.openShop(MANY)
    },
    rival: { play: (rival) => rival.openShop(MANY) },
  },
  restart: {
    prepare: signedIn,
    async play(stage) {
      stage.restart()
      await stage.openShop(SOME)
    },
  },
  expire: {
    prepare: signedIn,
    async play(stage) {
      await stage.backend.twoHoursPass()
      await stage.openShop(MANY)
    },
    rival: expired,
  },
  late: {
    prepare: signedIn,
    async play(stage) {
      stage.conditions.stagger()
      await stage.backend.twoHoursPass()
      await stage.openShop(MANY)
    },
    rival: expired,
  },
  revoke: {
    prepare: signedIn,
    async play(stage) {
      await stage.backend.revoke()
      await stage.openShop(SOME)
      await stage.openShop(1)
    },
  },
  replace: {
    prepare: signedIn,
    async play(stage) {
      await stage.backend.otherDevicesSignIn()
      await stage.openShop(SOME)
      await stage.openShop(1)
    },
  },
  busy: {
    async play(stage) {
      await stage.backend.wechatIsBusy(BUSY_ANSWERS)
      stage.restart({ fresh: true })
      await stage.openShop(SOME)
    },
  },
  store: {
    prepare: signedIn,
    async play(stage) {
      await stage.backend.storeIsAway(true)
      await stage.openShop(SOME)
      await stage.pause(300)
      await stage.backend.storeIsAway(false)
      await stage.openShop(SOME)
    },
  },
  offline: {
    prepare: signedIn,
    async play(stage) {
      const lost = stage.openShop(SOME)
      await stage.pause(40)
      stage.conditions.offline(true)
      stage.phone().changeNetwork()
      await lost
      await stage.pause(200)
      await stage.openShop(1)
      await stage.pause(300)
      stage.conditions.offline(false)
      await stage.openShop(SOME)
    },
  },
  slow: {
    async play(stage) {
      stage.conditions.slow()
      stage.restart({ fresh: true })
      await stage.openShop(SOME)
    },
  },
  abort: {
    async play(stage) {
      stage.restart({ fresh: true })
      const tasks = stage.list(SOME)
      const over = stage.settle(tasks)
      await stage.pause(150)
      tasks.slice(0, SOME / 2).forEach((task) => task.abort())
      await over
    },
  },
  storage: {
    async play(stage) {
      stage.conditions.storageFull()
      stage.restart({ fresh: true })
      await stage.openShop(SOME)
      stage.restart()
      await stage.openShop(SOME)
    },
  },
  clock: {
    prepare: signedIn,
    async play(stage) {
      stage.conditions.clockAhead(EIGHT_DAYS)
      await stage.openShop(SOME)
      stage.conditions.clockAhead(0)
      await stage.openShop(SOME)
    },
  },
}
