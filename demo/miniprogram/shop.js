/* The shop: a list of products, an order and the upload of a picture. None asks whether anyone is signed in. */
const { named } = require('./calls')
const session = require('./session')

function list() {
  return session.request({ url: '/wx/products/list', header: named() })
}

function upload(filePath) {
  return session.uploadFile({ url: '/files', filePath, name: 'photo', header: named() })
}

function order(data) {
  return session.request({ url: '/orders', method: 'POST', data, header: named() })
}

module.exports = { list, order, upload }
