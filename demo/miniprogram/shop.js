/* The shop: each shelf makes a request of its own, without asking whether anyone is signed in. */
const session = require('./session')

/** Shows each shelf as soon as its products arrive. Resolves when all are shown. */
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
