/*
 * Real HTTP from a browser, as a network of the simulated wx. A browser tells less than a phone: header names arrive in
 * lower case, cookies are missing, all network failures look the same, and the browser sets Referer itself.
 */
'use strict'

/** @type {import('../memory').Network['send']} */
function send({ url, method, header, bytes }, on) {
  const stop = new AbortController()
  const bodiless = method === 'GET' || method === 'HEAD'
  /** @type {any} */
  const options = {
    method,
    headers: header,
    body: bodiless ? undefined : bytes,
    // A phone has neither cookies nor a cache.
    credentials: 'omit',
    cache: 'no-store',
    signal: stop.signal,
  }
  let over = false
  const tell = (act) => {
    if (!over) act()
  }

  async function exchange() {
    const response = await fetch(url, options)
    tell(() => on.headers(response.status, Object.fromEntries(response.headers), []))
    const reader = response.body && response.body.getReader()
    for (;;) {
      const { done, value } = reader ? await reader.read() : { done: true }
      if (done) break
      tell(() => on.chunk(value))
    }
  }

  exchange().then(
    () =>
      tell(() => {
        over = true
        on.end()
      }),
    () =>
      tell(() => {
        over = true
        on.error('failed')
      }),
  )
  return {
    abort() {
      over = true
      stop.abort()
    },
  }
}

module.exports = { send }
