/* The scenes about accounts. Each prepares people with phones, plays, and checks that the answers are what it says. */
'use strict'

const OLD = 'seven pots of tea'
const NEW = 'nine pots of oolong'

/** The user of the app's own database. */
const THEIRS = 'li.na'

/** Guesses at one account from phones that it does not know, before the next one has to wait. */
const FREE_GUESSES = 5
const SOME = 6

const byPassword = (identifier, password, more) => Object.assign({ method: 'password', identifier, password }, more)
const registering = (name) => byPassword(name, OLD, { register: true })

module.exports = {
  register: {
    async play(nobody, stage) {
      const name = stage.someone('li.na')
      const hers = stage.hold(name)
      const guest = await hers.visit()
      expect(await hers.signIn(registering(name)), undefined)
      const member = await hers.visit()
      const followed = await stage.other(name).visit()
      expect(guest.account.guest, true)
      expect(member.account.guest, false)
      expect(member.account.user, guest.account.user)
      expect(followed.account.user, guest.account.user)
    },
  },
  password: {
    async prepare(stage) {
      const name = stage.someone('li.na')
      const hers = stage.hold(name)
      const second = stage.other(`another WeChat user of ${name}`)
      expect(await hers.signIn(registering(name)), undefined)
      expect(await second.signIn(byPassword(name, OLD)), undefined)
      await hers.visit()
      await second.visit()
      return { name, hers, second }
    },
    async play({ name, hers, second }) {
      expect(await hers.setPassword(NEW), undefined)
      expect((await second.visit()).code, 'session_revoked')
      second.restart()
      expect((await second.visit()).code, 'session_revoked')
      expect(await second.signIn(byPassword(name, OLD)), 'credentials_wrong')
      expect(await second.signIn(byPassword(name, NEW)), undefined)
      const { account } = await second.visit()
      expect((await hers.visit()).account.user, account.user)
    },
  },
  guess: {
    async prepare(stage) {
      const name = stage.someone('li.na')
      const hers = stage.hold(name)
      expect(await hers.signIn(registering(name)), undefined)
      await hers.signOut()
      return { name, hers, strangers: stage.other(`a stranger to ${name}`) }
    },
    async play({ name, hers, strangers }, stage) {
      // A busy phone may take longer for its guesses than the wait that follows them.
      await stage.backend.clockStands(true)
      for (let guess = 1; guess <= FREE_GUESSES; guess++) {
        expect(await strangers.signIn(byPassword(name, `is it number ${guess}?`)), 'credentials_wrong')
      }
      expect(await strangers.signIn(byPassword(name, OLD)), 'rate_limited')
      expect(await hers.signIn(byPassword(name, OLD)), undefined)
      await hers.visit()
    },
  },
  taken: {
    async prepare(stage) {
      const [hers, his] = [stage.someone('li.na'), stage.someone('wang.wei')]
      const herPhone = stage.hold(hers)
      const hisPhone = stage.other(his)
      expect(await herPhone.signIn(registering(hers)), undefined)
      expect(await hisPhone.signIn(registering(his)), undefined)
      const before = await hisPhone.visit()
      await herPhone.visit()
      return { hers, his, herPhone, hisPhone, before }
    },
    async play({ hers, his, herPhone, hisPhone, before }) {
      // The WeChat user on her phone is hers, and so is her name.
      expect(await herPhone.signIn(byPassword(his, OLD, { link: true })), 'identity_taken')
      expect((await herPhone.visit()).account.identities.length, 2)
      expect(await hisPhone.link(byPassword(hers, OLD)), 'identity_taken')
      expect((await hisPhone.account()).identities.length, before.account.identities.length)
    },
  },
  users: {
    async prepare(stage) {
      const { hooked } = stage.backend
      const name = stage.someone('li.na')
      const hers = stage.hold(name, hooked)
      expect(await hers.signIn(byPassword(THEIRS, OLD, { link: true })), undefined)
      return { hers, second: stage.other(name, hooked) }
    },
    async play({ hers, second }, stage) {
      await stage.backend.usersAreAway(true)
      expect(await hers.openShop(SOME), undefined)
      expect(await second.signIn({ method: 'wechat' }), 'accounts_unavailable')
      await stage.backend.usersAreAway(false)
      expect(await second.openShop(1), undefined)
    },
  },
}

/** A scene that does not show what it says is a failure that the page tells. */
function expect(found, wanted) {
  if (found !== wanted) throw new Error(`${found} instead of ${wanted}`)
}
