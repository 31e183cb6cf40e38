/* This project with the core as plain script. */
'use strict'

const { createSession } = require('wxsession')
const { plain } = require('wxsession/plain')

exports.setUp = ({ loginUrl }) => {
  const session = createSession({ loginUrl, core: plain })
  return {
    request(url, done, failed) {
      session.request({ url, success: done, fail: failed })
    },
  }
}
