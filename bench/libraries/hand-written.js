/* The exchange of a code, for libraries that leave it to the app. */
'use strict'

/** @returns {Promise<string>} The session id. */
export async function exchange(loginUrl) {
  const { code } = await new Promise((success, fail) => wx.login({ success, fail }))
  const { data } = await new Promise((success, fail) =>
    wx.request({ url: loginUrl, method: 'POST', data: { code }, success, fail }),
  )
  return data.sessionid
}
