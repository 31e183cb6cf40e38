/*
 * wx.navigateTo, redirectTo, switchTab and navigateBack. A page of the tab bar is kept when it is left, and can only be
 * reached by switchTab.
 */
'use strict'

const MOST_PAGES = 10

/** @typedef {import('./program').OpenPage} OpenPage */

/**
 * @param {object} program
 * @param {OpenPage[]} program.pages The open pages, the last one on top. Changed in place.
 * @param {(route: string, query?: object) => OpenPage} program.create Makes a page that is not shown yet.
 * @param {(page: OpenPage | undefined, method: string) => void} program.tell Calls a method of a page, if it has one.
 * @param {() => {pages: string[]}} program.manifest app.json.
 * @param {() => string[]} program.tabRoutes
 * @param {{setTimeout: Function}} program.timers
 * @param {PromiseConstructor} program.Promise
 */
function createNavigation({ pages, create, tell, manifest, tabRoutes, timers, Promise }) {
  /** @type {Map<string, OpenPage>} The pages of the tab bar that were opened, by path. */
  const tabs = new Map()
  const top = () => pages[pages.length - 1]
  const isTab = (route) => tabRoutes().indexOf(route) >= 0
  const isKept = (page) => tabs.get(page.route) === page

  /** Puts a page on top. */
  function open(route, query) {
    const page = create(route, query)
    if (isTab(route)) tabs.set(route, page)
    tell(top(), 'onHide')
    pages.push(page)
    tell(page, 'onLoad')
    tell(page, 'onShow')
    tell(page, 'onReady')
    return page
  }

  /** Takes the page on top away. */
  function close() {
    const page = pages.pop()
    if (page) tell(page, isKept(page) ? 'onHide' : 'onUnload')
  }

  function navigateTo({ route, query }) {
    if (isTab(route)) throw 'can not navigateTo a tabbar page'
    if (pages.length === MOST_PAGES) throw 'webview count limit exceed'
    open(route, query)
  }

  function redirectTo({ route, query }) {
    if (isTab(route)) throw 'can not redirectTo a tabbar page'
    close()
    open(route, query)
  }

  function switchTab({ route }) {
    if (!isTab(route)) throw 'can not switch to no-tabBar page'
    const kept = tabs.get(route)
    if (kept && kept === top()) return
    while (pages.length > 0 && !(kept && top() === kept)) close()
    if (!kept) return void open(route, {})
    if (pages.length === 0) pages.push(kept)
    tell(kept, 'onShow')
  }

  function navigateBack({ delta }) {
    if (pages.length < 2) throw 'cannot navigate back at first page.'
    const left = Math.max(1, pages.length - (delta || 1))
    while (pages.length > left) close()
    tell(top(), 'onShow')
  }

  /** A method of wx: with callbacks, or else a promise. */
  const method = (name, run) => (options) => {
    const { url = '', delta, success, fail, complete } = Object(options)
    /** @type {any} */
    let result = { errMsg: `${name}:ok` }
    let hasFailed = false
    try {
      const place = placeOf(url, top())
      if (url && manifest().pages.indexOf(place.route) < 0) throw `page "${place.route}" is not found`
      run(Object.assign(place, { delta }))
    } catch (reason) {
      if (typeof reason !== 'string') throw reason
      hasFailed = true
      result = { errMsg: `${name}:fail ${reason}` }
    }
    if (!success && !fail && !complete) return hasFailed ? Promise.reject(result) : Promise.resolve(result)
    timers.setTimeout(() => {
      const callback = hasFailed ? fail : success
      if (callback) callback(result)
      if (complete) complete(result)
    }, 0)
  }

  return {
    open,
    methods: {
      navigateTo: method('navigateTo', navigateTo),
      redirectTo: method('redirectTo', redirectTo),
      switchTab: method('switchTab', switchTab),
      navigateBack: method('navigateBack', navigateBack),
    },
  }
}

/** The path and the query of a URL, which may start at the folder of the page on top. */
function placeOf(url, from) {
  const [path, query = ''] = url.split('?')
  const parts = path[0] === '/' || !from ? [] : from.route.split('/').slice(0, -1)
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part && part !== '.') parts.push(part)
  }
  const fields = {}
  for (const pair of query.split('&').filter(Boolean)) {
    const [name, value = ''] = pair.split('=')
    fields[name] = decodeURIComponent(value)
  }
  return { route: parts.join('/'), query: fields }
}

module.exports = { createNavigation }
