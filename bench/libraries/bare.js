/* wx.request itself, the baseline of all measurements. */
'use strict'

/** @typedef {(answer: {data: any}) => void} Done Gets the app's answer as the library passes it on. */

/** @returns {{request(url: string, done: Done, failed: (reason: unknown) => void): void}} */
exports.setUp = () => ({
  request(url, done, failed) {
    wx.request({ url, success: done, fail: failed })
  },
})
