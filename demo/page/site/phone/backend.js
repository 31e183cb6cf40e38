/* The server's side, by the controls of this page's world. */
'use strict'

const OTHER_DEVICES = 8

/** @param {string} api The address of the world and of the server that keeps accounts itself. */
function createBackend(api) {
  const post = async (path, body) => {
    const options = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body || {}),
    }
    const response = await fetch(api + path, options)
    if (!response.ok) throw new Error(`${path} answered ${response.status}`)
    return response
  }
  const loginCode = async (user) => {
    const response = await post('/wechat/simulator/login', { user })
    const { code } = /** @type {any} */ (await response.json())
    return code
  }

  return {
    api,
    /** The server that asks the app's own user database. */
    hooked: `${api}/hooked`,
    /** Issues the codes of a WeChat user's `wx.login`. */
    loginCode,
    anHourPasses: () => post('/controls/hour'),
    twoHoursPass: () => post('/controls/idle'),
    /** Whether no time passes on the server. */
    clockStands: (stands) => post('/controls/clock', { stands }),
    revoke: () => post('/controls/revoke'),
    storeIsAway: (away) => post('/controls/store', { away }),
    usersAreAway: (away) => post('/controls/users', { away }),
    wechatIsBusy: (times) => post('/wechat/simulator/faults', { next: Array(times).fill('busy') }),

    /** Signs the visitor in on as many other devices as are allowed at once. */
    async otherDevicesSignIn() {
      for (let device = 0; device < OTHER_DEVICES; device++) {
        await post('/wx/onlogin', { code: await loginCode('visitor') })
      }
    },
  }
}

module.exports = { createBackend }
