/* wx.login's codes from the simulated WeChat. */
'use strict'

const platform = require('./platform/index')
const utf8 = require('./utf8')

/**
 * @param {string} url The simulated WeChat.
 * @param {{appid?: string, user?: string}} [who] The phone's user, and the mini program.
 * @returns {() => Promise<string>} For a phone's `newCode`.
 */
function loginAt(url, who) {
  const sent = {
    url: `${url}/simulator/login`,
    method: 'POST',
    header: { 'content-type': 'application/json' },
    bytes: utf8.encode(JSON.stringify(who || {})),
  }
  return () =>
    new Promise((resolve, reject) => {
      let status = 0
      let text = ''
      platform.network.send(sent, {
        headers: (statusCode) => {
          status = statusCode
        },
        chunk: (bytes) => {
          text += utf8.decode(bytes)
        },
        end() {
          if (status === 200) resolve(JSON.parse(text).code)
          else reject(new Error(`the simulated WeChat answered ${status}: ${text}`))
        },
        error: (reason) => reject(new Error(`the simulated WeChat at ${url} cannot be reached: ${reason}`)),
      })
    })
}

module.exports = { loginAt }
