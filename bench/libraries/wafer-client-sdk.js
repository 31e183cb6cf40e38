/* As in its README: a login URL once, and `login: true`, so that a request signs in if nobody is signed in. */
'use strict'

const qcloud = require('wafer-client-sdk')

exports.setUp = ({ loginUrl }) => {
  qcloud.setLoginUrl(loginUrl)
  return {
    request(url, done, failed) {
      qcloud.request({ url, login: true, success: done, fail: failed })
    },
  }
}
