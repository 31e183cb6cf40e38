/* The phone and its mini program with the packed package, for scenes to use. */
'use strict'

const { platform, startPhone } = require('/simulator/phone/index')

const PICTURE = 'wxfile://picture.png'
const PICTURE_BYTES = 48 * 1024

function createStage({ backend, conditions, probe, tell }) {
  const config = `module.exports = { api: ${JSON.stringify(backend.api)} }`
  const texts = new Map([['/program/config.js', config]])
  let phone = startPhone({
    root: '/program',
    newCode: backend.loginCode,
    hooks: conditions.hooks,
    files: new Map([[PICTURE, new Uint8Array(PICTURE_BYTES)]]),
    platform: Object.assign({}, platform, {
      readText(path) {
        if (!texts.has(path)) texts.set(path, platform.readText(path))
        return texts.get(path)
      },
    }),
  })
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

  /** Waits for calls, any of which may fail, and shows the result of the last one on the phone. */
  async function settle(tasks, show) {
    tell({ screen: { name: 'loading' } })
    const results = await Promise.all(tasks.map((task) => Promise.resolve(task).catch((error) => error)))
    tell({ screen: screenOf(results, show) })
    return results
  }

  /** Lets the shop make this many calls at once. */
  const list = (calls) => Array.from({ length: calls }, () => phone.require('./shop').list())
  const openShop = (calls) => settle(list(calls), (res) => ({ name: 'list', products: res.data }))
  const upload = () => settle([phone.require('./shop').upload(PICTURE)], () => ({ name: 'uploaded' }))

  return {
    backend,
    conditions,
    phone: () => phone,
    session,
    restart,
    list,
    settle,
    openShop,
    upload,
    signOut: () =>
      session()
        .logout()
        .then(() => tell({ screen: { name: 'signed-out' } })),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    async restore() {
      conditions.restore()
      await backend.storeIsAway(false)
      await backend.wechatIsBusy(0)
    },
  }
}

/** What the user sees: the result or the problem. */
function screenOf(results, show) {
  const came = results.filter((result) => result.statusCode >= 200 && result.statusCode < 300)
  if (came.length > 0 && show) return show(came[came.length - 1])
  if (came.length > 0) return { name: 'list', products: came[0].data }
  const last = results[results.length - 1]
  return { name: 'trouble', code: last.code || codeOf(last) }
}

/** The problem that the server's answer names. */
function codeOf({ data, statusCode }) {
  const { code } = Object(typeof data === 'string' && data[0] === '{' ? JSON.parse(data) : data)
  return code || String(statusCode)
}

module.exports = { createStage }
