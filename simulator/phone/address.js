/* Where a call goes, and the headers that all of them have in common. */
'use strict'

const { OUTSIDE_DOMAINS, badParameter, badUrl } = require('./failures')

/**
 * Why wx refuses to call an address.
 *
 * @param {unknown} url
 * @param {'http' | 'ws'} scheme With `s` or without.
 * @param {string[]} [domains] The origins that the app may call. Default: all.
 * @returns {import('./failures').Reason | undefined}
 */
function problemOf(url, scheme, domains) {
  if (typeof url !== 'string') return badParameter('url', 'String', url)
  if (!new RegExp(`^${scheme}s?://[^\\s/?#]+([/?#]|$)`, 'i').test(url)) return badUrl(url)
  const origin = /^[^/]*\/\/[^/?#]*/.exec(url)[0].toLowerCase()
  return domains && domains.indexOf(origin) < 0 ? OUTSIDE_DOMAINS : undefined
}

/** @param {string} url @returns {string} */
function withoutFragment(url) {
  return url.replace(/#[^]*/, '')
}

/** @param {string} url @returns {string} The path, without the query. */
function pathOf(url) {
  return (
    withoutFragment(url)
      .replace(/^\w+:\/\/[^/?#]*/, '')
      .replace(/\?[^]*/, '') || '/'
  )
}

/**
 * The caller's headers as strings, and those that wx adds. Names are compared without case.
 *
 * @param {object | undefined} given
 * @param {{appid: string, host: import('./hosts').Host}} app
 * @param {string[]} [own] Headers, in lower case, that wx does not take from the caller.
 */
function headersOf(given, app, own) {
  const header = {}
  for (const name of Object.keys(given || {})) {
    const lower = name.toLowerCase()
    // wx silently replaces Referer.
    if (lower !== 'referer' && (own || []).indexOf(lower) < 0) header[name] = String(given[name])
  }
  header.referer = app.host.referer(app.appid)
  return header
}

module.exports = { headersOf, pathOf, problemOf, withoutFragment }
