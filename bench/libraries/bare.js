/* wx.request itself, which everything is measured against. */
'use strict'

/** @typedef {(answer: {data: any}) => void} Done Is given the app's answer, as the library hands it over. */

/** @returns {{request(url: string, done: Done, failed: (reason: unknown) => void): void}} */
exports.setUp = () => ({
  request(url, done, failed) {
    wx.request({ url, success: done, fail: failed })
  },
})
