/* The shop: a list of products and the upload of a picture. Neither asks whether anyone is signed in. */
const session = require('./session')

let calls = 0

/** A name for each call, as many servers log it. The page follows a call by this name. */
function named() {
  return { 'x-request-id': `call ${++calls}` }
}

function list() {
  return session.request({ url: '/wx/products/list', header: named() })
}

function upload(filePath) {
  return session.uploadFile({ url: '/files', filePath, name: 'photo', header: named() })
}

module.exports = { list, upload }
