/*
 * Real HTTP from a browser, in the form that the simulated wx sends through. A browser says less than a phone: names of
 * headers come in lower case, cookies not at all, every failure of the network looks the same, and Referer is its own.
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
    // A phone has neither.
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
