/*
 * The parts of a mini program, by what they register with: App, Page, Component. Nothing is drawn: an open page is its
 * data and its methods, and what a user does to it is a call of one of them.
 */
'use strict'

const FROM_THE_LIST = 1001

/**
 * @typedef {{[name: string]: any, data: {[name: string]: any}, route: string, options: object,
 *   setData(patch: object, done?: () => void): void}} OpenPage
 *
 * @param {object} phone
 * @param {(specifier: string) => unknown} phone.require Runs a module of the code package.
 * @param {() => string} phone.readManifest The text of app.json.
 * @param {{setTimeout: Function}} phone.timers The program's.
 */
function createProgram({ require, readManifest, timers }) {
  let app
  /** What the app is told of its start. */
  let start = { path: '', query: {}, scene: FROM_THE_LIST, referrerInfo: {} }
  /** @type {Map<string, () => OpenPage>} By path: makes a page. */
  const registered = new Map()
  /** The path of the page whose module runs. */
  let registering
  /** @type {OpenPage[]} The one on top is the last. */
  const pages = []

  function App(description) {
    app = description
    call(app, 'onLaunch', start)
    call(app, 'onShow', start)
  }

  function Page(description) {
    register(() => {
      const page = Object.assign({}, description)
      return { page, data: description.data, created() {}, ready() {} }
    })
  }

  /** A component, in the one place where a phone without a screen has it: as a page. */
  function Component(description) {
    const lifetimes = Object.assign({}, description, description.lifetimes)
    register(() => {
      // Nobody is above a page to hear of its events.
      const page = Object.assign({ triggerEvent() {} }, description.methods)
      const created = () => {
        page.properties = page.data
        call(page, lifetimes.created)
        call(page, lifetimes.attached)
      }
      const data = Object.assign(defaults(description.properties), description.data)
      return { page, data, created, ready: () => call(page, lifetimes.ready) }
    })
  }

  function register(make) {
    if (registering !== undefined) registered.set(registering, make)
  }

  /** Opens a page over the others, as wx.navigateTo does. @returns {OpenPage} */
  function open(path, query) {
    const route = path.replace(/^\//, '')
    const { page, data, created, ready } = maker(route)()
    Object.assign(page, { route, is: route, options: query || {}, data: copy(data || {}) })
    page.setData = (patch, done) => {
      for (const place of Object.keys(patch)) assign(page.data, place, patch[place])
      if (done) timers.setTimeout(() => done.call(page), 0)
    }
    if (pages.length > 0) call(pages[pages.length - 1], 'onHide')
    pages.push(page)
    created()
    call(page, 'onLoad', page.options)
    call(page, 'onShow')
    ready()
    call(page, 'onReady')
    return page
  }

  function maker(route) {
    if (!registered.has(route)) {
      registering = route
      try {
        require(`/${route}`)
      } finally {
        registering = undefined
      }
    }
    if (!registered.has(route)) throw new Error(`${route}.js calls neither Page nor Component`)
    return registered.get(route)
  }

  return {
    globals: { App, Page, Component, getApp: () => app, getCurrentPages: () => pages.slice() },
    open,
    page: () => pages[pages.length - 1],

    /** Starts the program with a page, by default the first of app.json. @returns {OpenPage} */
    launch(path, query) {
      const first = path === undefined ? JSON.parse(readManifest()).pages[0] : path.replace(/^\//, '')
      start = Object.assign({}, start, { path: first, query: query || {} })
      require('/app')
      return open(first, query)
    },
  }
}

/** Calls a method, or one named, where there is one. */
function call(self, method, ...values) {
  const named = typeof method === 'string' ? self && self[method] : method
  if (typeof named === 'function') named.apply(self, values)
}

/** @type {Map<Function, unknown>} */
const EMPTY = new Map(
  /** @type {Array<[Function, unknown]>} */ ([
    [String, ''],
    [Number, 0],
    [Boolean, false],
    [Array, []],
  ]),
)

/** What the properties of a component are before anybody sets them. */
function defaults(properties) {
  const values = {}
  for (const name of Object.keys(properties || {})) {
    const described = properties[name]
    const value = described && described.value
    const type = described && described.type !== undefined ? described.type : described
    values[name] = value !== undefined ? value : EMPTY.has(type) ? EMPTY.get(type) : null
  }
  return values
}

/** Puts a value where a path says, `list[0].name` or `list.[0].name`. What cannot cross to the view layer is left out. */
function assign(data, path, value) {
  const keys = path.match(/[^.[\]]+/g)
  const last = keys.pop()
  let place = data
  keys.forEach((key, index) => {
    const next = index + 1 < keys.length ? keys[index + 1] : last
    if (Object(place[key]) !== place[key]) place[key] = /^\d+$/.test(next) ? [] : {}
    place = place[key]
  })
  const crossing = copy(value)
  if (crossing !== undefined) place[last] = crossing
}

/** As what goes to the view layer and comes back: without functions, without undefined. */
function copy(value) {
  const text = JSON.stringify(value)
  return text === undefined ? undefined : JSON.parse(text)
}

module.exports = { createProgram }
