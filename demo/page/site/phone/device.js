/* One phone with the mini program on it: what its user does, and what its screen then shows. */
'use strict'

const PICTURE = 'wxfile://picture.png'

/**
 * @param {object} given
 * @param {any} given.phone A simulated phone, whose program has not started yet.
 * @param {any} given.probe Watches the program.
 * @param {(message: object) => void} given.tell
 */
function createDevice({ phone, probe, tell }) {
  open()

  function open() {
    probe.watchWx(phone.wx)
    phone.require('./app')
    probe.watchSession(session())
    tell({ screen: { name: 'start' } })
  }

  function session() {
    return phone.require('./session')
  }

  /**
   * Starts the program again.
   *
   * @param {{fresh?: boolean}} [how] `fresh` clears the storage first, as for a first start.
   */
  function restart({ fresh } = {}) {
    probe.ended()
    if (fresh) phone.shelf.clear()
    phone = phone.restart()
    open()
  }

  /**
   * Waits for calls, any of which may fail, and shows the result on the phone.
   *
   * @returns {Promise<string | undefined>} The code of the failure that is shown.
   */
  async function settle(tasks, show) {
    tell({ screen: { name: 'loading' } })
    const results = await Promise.all(tasks.map((task) => Promise.resolve(task).catch((error) => error)))
    const screen = screenOf(results, show)
    tell({ screen })
    return screen.code
  }

  /** Does something that may fail, shows a failure, and resolves to its code. @returns {Promise<string | undefined>} */
  async function attempt(work) {
    tell({ screen: { name: 'loading' } })
    try {
      await work()
    } catch (error) {
      const code = codeOfError(error)
      tell({ screen: { name: 'trouble', code } })
      return code
    }
  }

  /** Lets the shop make this many calls at once. */
  const list = (calls) => Array.from({ length: calls }, () => phone.require('./shop').list())

  const account = () => phone.require('./account').get()

  return {
    phone: () => phone,
    session,
    restart,
    list,
    settle,
    openShop: (calls) => settle(list(calls), (res) => ({ name: 'list', products: res.data })),
    /** Orders tea. */
    order: (data) => settle([phone.require('./shop').order(data)], () => ({ name: 'ordered' })),
    upload: () => settle([phone.require('./shop').upload(PICTURE)], () => ({ name: 'uploaded' })),
    signOut: () =>
      session()
        .logout()
        .then(() => tell({ screen: { name: 'signed-out' } })),

    /** Ends the program, as closing WeChat does. */
    close() {
      probe.ended()
      phone.stop()
    },

    account,
    /** Opens the page that shows who is signed in. */
    async visit() {
      let found
      const code = await attempt(async () => {
        found = await account()
        tell({ screen: { name: 'account', account: shownOf(found) } })
      })
      return { code, account: found }
    },
    /** Signs in by a tap, with these fields. */
    signIn: (fields) => attempt(() => session().login(fields)),
    setPassword: (password) => attempt(() => phone.require('./account').setPassword(password)),
    /** Adds a way in. */
    link: (credentials) => attempt(() => phone.require('./account').link(credentials)),
  }
}

/** What the user sees of an account: the name, and the user as backends see it. */
function shownOf({ user, guest, identities }) {
  const named = identities.find(({ kind }) => kind !== 'wechat')
  return { user, guest, name: named && named.shown }
}

/** What the user sees: the result or the problem. @returns {{name: string, code?: string, [more: string]: unknown}} */
function screenOf(results, show) {
  const came = results.filter((result) => result.statusCode >= 200 && result.statusCode < 300)
  if (came.length > 0 && show) return show(came[came.length - 1])
  if (came.length > 0) return { name: 'list', products: came[0].data }
  const last = results[results.length - 1]
  return { name: 'trouble', code: last.statusCode ? codeOf(last) : codeOfError(last) }
}

/** The server's word for a failure, if the server has one. */
function codeOfError(error) {
  return (error.problem && error.problem.code) || error.code || error.name
}

/** The problem that the server's answer names. */
function codeOf({ data, statusCode }) {
  const { code } = Object(typeof data === 'string' && data[0] === '{' ? JSON.parse(data) : data)
  return code || String(statusCode)
}

module.exports = { createDevice, PICTURE }
