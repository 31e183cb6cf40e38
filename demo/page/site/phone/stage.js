/*
 * The phones, for scenes to use: the visitor's, that of somebody with an account, a second one beside it, and that of the
 * client that races beside ours.
 */
'use strict'

const { platform, startPhone } = require('/simulator/phone/index')
const { createDevice, PICTURE } = require('./device')
const { createProbe } = require('./probe')
const { createRival } = require('./rival')

const PICTURE_BYTES = 48 * 1024

/** The WeChat user who holds the phone in the scenes about sessions. */
const VISITOR = 'visitor'

/** `rivals` is the backend of the client that races beside ours. */
function createStage({ backend, rivals, conditions, tell }) {
  const texts = new Map()
  let other
  let rival
  let guests = 0
  /** How many phones there were. Each has a probe that numbers its steps from one. */
  let phones = 0

  const visitors = start(VISITOR, backend.api, '', tell)
  /** The visitor's, or that of somebody with an account. */
  let first = visitors

  /** A new phone, whose calls have a letter in their names if it is not the first one. */
  function start(user, api, letter, tell, line) {
    return createDevice({ phone: bare(user, backend, api, letter, line), probe: probed(tell), tell })
  }

  /** A simulated phone, whose program has not started yet. With a line of its own it signs its requests. */
  function bare(user, { loginCode }, api, letter, line) {
    const config = `module.exports = ${JSON.stringify({ api, phone: letter, isSigned: line !== undefined })}`
    return startPhone({
      root: '/program',
      network: line ? line.network : platform.network,
      newCode: () => loginCode(user),
      hooks: conditions.createHooks(),
      files: new Map([[PICTURE, new Uint8Array(PICTURE_BYTES)]]),
      platform: Object.assign({}, platform, {
        readText(path) {
          if (path === '/program/config.js') return config
          if (!texts.has(path)) texts.set(path, platform.readText(path))
          return texts.get(path)
        },
      }),
    })
  }

  /** A probe whose steps have names that no other phone's have. @param {(message: any) => void} tell */
  function probed(tell) {
    const number = ++phones
    return createProbe((/** @type {any} */ message) =>
      tell(message.step ? { step: withId(message.step, `${number}_${message.step.id}`) } : message),
    )
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
    /** The same with a phone that signs its requests, which go over this line. */
    holdSigning(user, line) {
      first.close()
      first = start(user, line.address, '', tell, line)
      return first
    },
    /** Tells of something that is neither the program's nor the server's. */
    tell,
    /** A second phone, in the hands of a WeChat user, with nothing stored. */
    other(user, api = backend.api) {
      dismiss()
      other = start(user, api, 'B', (message) => tell(besides(message)))
      return other
    },
    dismiss,
    /** A new phone of the visitor's with the client of this name, which has never been started. */
    challenge(name) {
      if (rival) rival.close()
      const ofRival = (message) => message.step && tell({ step: Object.assign({ rival: true }, message.step) })
      const phone = bare(VISITOR, rivals, rivals.api, '')
      rival = createRival({ phone, probe: probed(ofRival), backend: rivals, name })
      return rival
    },
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
      await backend.clockStands(false)
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
