/* This project with signed requests. */
'use strict'

const { createSession } = require('wxsession')
const { signed } = require('wxsession/signed')

exports.setUp = ({ loginUrl }) => {
  const session = createSession({ loginUrl, host: signed(wx, loginUrl) })
  return {
    request(url, done, failed) {
      session.request({ url, success: done, fail: failed })
    },
  }
}
