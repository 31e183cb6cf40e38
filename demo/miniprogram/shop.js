/* The shop: every shelf makes a request of its own, and none of them asks whether anyone is signed in. */
const session = require('./session')

/** Shows each shelf as soon as its products are there; done when all are shown. */
function open(shelves, show) {
  const requests = []
  for (let shelf = 1; shelf <= shelves; shelf++) {
    requests.push(
      session.request({
        url: '/wx/products/list',
        data: { shelf },
        success: (res) => show(shelf, res),
      }),
    )
  }
  return Promise.all(requests)
}

module.exports = { open }
