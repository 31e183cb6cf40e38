/*
 * App, Page and Component, with which the parts of a mini program register. Nothing is drawn: an open page consists of
 * data and methods, and a test calls a method where a user would tap.
 */
'use strict'

const { createNavigation } = require('./navigation')

const FROM_THE_LIST = 1001

/**
 * @typedef {{[name: string]: any, data: {[name: string]: any}, route: string, options: object,
 *   setData(patch: object, done?: () => void): void}} OpenPage
 *
 * @param {object} phone
 * @param {(specifier: string) => unknown} phone.require Runs a module of the code package.
 * @param {() => string} phone.readManifest The text of app.json.
 * @param {{setTimeout: Function}} phone.timers The program's.
 * @param {PromiseConstructor} phone.Promise The program's.
 */
function createProgram({ require, readManifest, timers, Promise }) {
  let app
  /** What onLaunch and onShow of the app receive. */
  let start = { path: '', query: {}, scene: FROM_THE_LIST, referrerInfo: {} }
  /** @type {Map<string, () => OpenPage>} The maker of each page, by path. */
  const registered = new Map()
  /** The path of the page whose module is running. */
  let registering
  /** @type {OpenPage[]} The last one is on top. */
  const pages = []
  /** What a component used as a page hears besides. */
  const lives = new Map()
  const manifest = () => JSON.parse(readManifest())
  /** The paths of the tab bar's pages. A plugin, which has no app.json, has no app either. */
  const tabRoutes = () => (app && manifest().tabBar ? manifest().tabBar.list.map(({ pagePath }) => pagePath) : [])
  const { open, methods } = createNavigation({ pages, create, tell, manifest, tabRoutes, timers, Promise })

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

  /** A component used as a page, which is the only use of one without a screen. */
  function Component(description) {
    const lifetimes = Object.assign({}, description, description.lifetimes)
    register(() => {
      // A page has no parent that could hear its events.
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

  /** Makes a page that is not shown yet. @returns {OpenPage} */
  function create(route, query) {
    const { page, data, created, ready } = maker(route)()
    Object.assign(page, { route, is: route, options: query || {}, data: copy(data || {}) })
    page.setData = (patch, done) => {
      for (const place of Object.keys(patch)) assign(page.data, place, patch[place])
      if (done) timers.setTimeout(() => done.call(page), 0)
    }
    lives.set(page, { created, ready })
    return page
  }

  /** Tells a page what becomes of it. */
  function tell(page, method) {
    const { created, ready } = lives.get(page) || { created() {}, ready() {} }
    if (method === 'onLoad') created()
    if (method === 'onReady') ready()
    call(page, method, ...(method === 'onLoad' ? [page.options] : []))
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
    /** wx.navigateTo and its companions. */
    methods,
    /** Opens a page over the others, of the tab bar too. @returns {OpenPage} */
    open: (path, query) => open(path.replace(/^\//, ''), query),
    page: () => pages[pages.length - 1],

    /** Starts the program with a page, by default the first of app.json. @returns {OpenPage} */
    launch(path, query) {
      const first = path === undefined ? manifest().pages[0] : path.replace(/^\//, '')
      start = Object.assign({}, start, { path: first, query: query || {} })
      require('/app')
      return open(first, query)
    },
  }
}

/** Calls a method, given itself or by its name, if it exists. */
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

/** The values of a component's properties before anybody sets them. */
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

/** Sets the value at a path, `list[0].name` or `list.[0].name`. Ignores values that cannot cross to the view layer. */
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

/** A value as it returns from the view layer: without functions and without undefined. */
function copy(value) {
  const text = JSON.stringify(value)
  return text === undefined ? undefined : JSON.parse(text)
}

module.exports = { createProgram }
