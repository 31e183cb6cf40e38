/*
 * The client that most tutorials have, as it stands in our guide to migrating from it: `before.js` is written from there when
 * the page is served.
 */
const SIGN_IN = '/wx/onlogin'

exports.setUp = ({ loginUrl }) => {
  const base = loginUrl.slice(0, -SIGN_IN.length)
  // @ts-expect-error: a file that is written when the page is served.
  const request = require('./before')(base)
  return {
    request(url, done, failed) {
      request({ url: url.slice(base.length) }).then(done, failed)
    },
  }
}
