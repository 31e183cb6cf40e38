/* As in its README, but `login: true` signs in before every request, so it is set only without a session. */
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
