/* The shop: a list of products and the upload of a picture. Neither asks whether anyone is signed in. */
const { named } = require('./calls')
const session = require('./session')

function list() {
  return session.request({ url: '/wx/products/list', header: named() })
}

function upload(filePath) {
  return session.uploadFile({ url: '/files', filePath, name: 'photo', header: named() })
}

module.exports = { list, upload }
