/* What happens on the other side, by the controls of the world that this page was given. */
'use strict'

const OTHER_DEVICES = 8

/** @param {string} api The world's address, which is its server's too. */
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
  const loginCode = async () => {
    const response = await post('/wechat/simulator/login', { user: 'visitor' })
    const { code } = /** @type {any} */ (await response.json())
    return code
  }

  return {
    api,
    /** Supplies the codes of `wx.login`. */
    loginCode,
    twoHoursPass: () => post('/controls/idle'),
    revoke: () => post('/controls/revoke'),
    storeIsAway: (away) => post('/controls/store', { away }),
    wechatIsBusy: (times) => post('/wechat/simulator/faults', { next: Array(times).fill('busy') }),

    /** The same user signs in on as many other devices as may be signed in at once. */
    async otherDevicesSignIn() {
      for (let device = 0; device < OTHER_DEVICES; device++) {
        await post('/wx/onlogin', { code: await loginCode() })
      }
    },
  }
}

module.exports = { createBackend }
