/* The phones, for scenes to use: the visitor's, that of somebody with an account, and a second one beside it. */
'use strict'

const { platform, startPhone } = require('/simulator/phone/index')
const { createDevice, PICTURE } = require('./device')
const { createProbe } = require('./probe')

const PICTURE_BYTES = 48 * 1024

/** The WeChat user who holds the phone in the scenes about sessions. */
const VISITOR = 'visitor'

function createStage({ backend, conditions, tell }) {
  const texts = new Map()
  let other
  let guests = 0
  /** How many phones there were. Each has a probe that numbers its steps from one. */
  let phones = 0

  const visitors = start(VISITOR, backend.api, '', tell)
  /** The visitor's, or that of somebody with an account. */
  let first = visitors

  /** A new phone, whose calls have a letter in their names if it is not the first one. */
  function start(user, api, letter, tell) {
    const config = `module.exports = ${JSON.stringify({ api, phone: letter })}`
    const phone = startPhone({
      root: '/program',
      newCode: () => backend.loginCode(user),
      hooks: conditions.hooks,
      files: new Map([[PICTURE, new Uint8Array(PICTURE_BYTES)]]),
      platform: Object.assign({}, platform, {
        readText(path) {
          if (path === '/program/config.js') return config
          if (!texts.has(path)) texts.set(path, platform.readText(path))
          return texts.get(path)
        },
      }),
    })
    const number = ++phones
    const named = (message) =>
      tell(message.step ? { step: withId(message.step, `${number}_${message.step.id}`) } : message)
    return createDevice({ phone, probe: createProbe(named), tell })
  }

  function dismiss() {
    if (other) other.close()
    if (other) tell({ otherScreen: null })
    other = undefined
  }

  const ofFirst =
    (name) =>
    (...given) =>
      first[name](...given)

  return {
    backend,
    conditions,
    phone: ofFirst('phone'),
    session: ofFirst('session'),
    restart: ofFirst('restart'),
    list: ofFirst('list'),
    settle: ofFirst('settle'),
    openShop: ofFirst('openShop'),
    upload: ofFirst('upload'),
    signOut: ofFirst('signOut'),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),

    /** A name that no other scene in this world has. It is the name of the WeChat user, too. */
    someone: (name) => `${name}.${++guests}`,
    /** Gives the first phone to a WeChat user, with nothing stored. */
    hold(user, api = backend.api) {
      first.close()
      first = start(user, api, '', tell)
      return first
    },
    /** A second phone, in the hands of a WeChat user, with nothing stored. */
    other(user, api = backend.api) {
      dismiss()
      other = start(user, api, 'B', (message) => tell(besides(message)))
      return other
    },
    dismiss,
    /** Gives the first phone back to the visitor, with what was stored before. */
    giveBack() {
      if (first === visitors) return
      first.close()
      first = visitors
      visitors.restart()
    },
    async restore() {
      conditions.restore()
      await backend.storeIsAway(false)
      await backend.usersAreAway(false)
      await backend.wechatIsBusy(0)
    },
  }
}

const withId = (step, id) => Object.assign({}, step, { id })

const LANES_BESIDES = { page: 'other', wx: 'other-wx' }

/** What the second phone tells, in lanes of its own. Its wxsession has none. */
function besides({ step, state, screen, at }) {
  if (step) {
    const lane = LANES_BESIDES[step.lane]
    return lane ? { step: Object.assign({}, step, { lane }) } : {}
  }
  if (state) return { otherState: state, at }
  return { otherScreen: screen }
}

module.exports = { createStage }
