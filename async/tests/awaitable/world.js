// A fake wx and the app's server, which a test may change. It records every request.
const storage = Object.create(null)
const world = {
  logins: 0,
  sent: [],
  // The body of every sign-in.
  bodies: [],
  aborted: 0,
  live: [],
  issued: 0,
  storage,
  // The problem that the server names when it refuses every session.
  refusal: undefined,
  answer(options) {
    const id = options.header.sessionid
    if (options.url.endsWith('/onlogin')) {
      const issued = 'session-' + ++world.issued
      world.live = [issued]
      return { statusCode: 200, header: {}, data: { sessionid: issued, expires_in: 60 } }
    }
    if (options.url.endsWith('/logout')) {
      // A server that takes JSON refuses an empty body.
      if (!options.data) return { statusCode: 400, header: {}, data: '' }
      world.live = world.live.filter((live) => live !== id)
      return { statusCode: 204, header: {}, data: '' }
    }
    if (world.refusal || (id && !world.live.includes(id))) {
      const header = { 'Www-Authenticate': `WxSession error="${world.refusal || 'session_expired'}"` }
      return { statusCode: 401, header, data: {} }
    }
    return { statusCode: 200, header: { 'Content-Type': 'application/json' }, data: { list: [1, 2] } }
  },
}
// Whether wx calls back before it returns.
world.isHasty = false
const later = (run) => (world.isHasty ? run() : setTimeout(run, 1))
const real = globalThis.realTimers || { start: setTimeout, stop: clearTimeout }
globalThis.realTimers = real
// The pending timers of a second or more, and how much faster than asked all timers run.
const timers = new Set()
let speed = 1
Object.defineProperty(world, 'timers', { get: () => timers.size })
world.quicken = () => {
  speed = 100
}
globalThis.setTimeout = (run, milliseconds, ...given) => {
  const ended = (...given) => {
    timers.delete(timer)
    run(...given)
  }
  const timer = real.start.call(globalThis, ended, milliseconds / speed, ...given)
  if (milliseconds >= 1000) timers.add(timer)
  return timer
}
globalThis.clearTimeout = (timer) => {
  timers.delete(timer)
  real.stop.call(globalThis, timer)
}
globalThis.wx = {
  login(options) {
    const code = 'code-' + ++world.logins
    later(() => options.success({ code, errMsg: 'login:ok' }))
  },
  request(options) {
    world.sent.push([options.url, options.header.sessionid || ''])
    if (options.url.endsWith('/onlogin')) world.bodies.push({ ...options.data })
    let isOver = false
    later(() => {
      if (!isOver) {
        isOver = true
        options.success(world.answer(options))
      }
    })
    return {
      abort() {
        world.aborted++
        if (!isOver) {
          isOver = true
          options.fail({ errMsg: 'request:fail abort' })
        }
      },
    }
  },
  getStorageSync: (key) => (key in storage ? storage[key] : ''),
  setStorageSync(key, value) {
    storage[key] = value
  },
  removeStorageSync(key) {
    delete storage[key]
  },
}
return world
