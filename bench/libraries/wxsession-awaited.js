/* This project again, with promises, as most of the others have, instead of callbacks. */
'use strict'

const { createSession } = require('wxsession')

exports.setUp = ({ loginUrl }) => {
  const session = createSession({ loginUrl })
  return {
    request(url, done, failed) {
      session.request({ url }).then(done, failed)
    },
  }
}
