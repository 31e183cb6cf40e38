/* As its README has it; `login: true` signs in before every single request, so only where there is no session. */
'use strict'

const qcloud = require('wafer2-client-sdk')

exports.setUp = ({ loginUrl }) => {
  qcloud.setLoginUrl(loginUrl)
  return {
    request(url, done, failed) {
      qcloud.request({ url, login: !qcloud.Session.get(), success: done, fail: failed })
    },
  }
}
