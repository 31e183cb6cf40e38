/* This project, with callbacks as in wx.request. */
'use strict'

const { createSession } = require('wxsession')

exports.setUp = ({ loginUrl }) => {
  const session = createSession({ loginUrl })
  return {
    request(url, done, failed) {
      session.request({ url, success: done, fail: failed })
    },
  }
}
