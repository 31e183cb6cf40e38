/* The shop: twenty shelves, each with a request of its own. None of them asks whether anyone is signed in. */
const session = require('./session')

const SHELVES = 20

/** Shows every shelf as soon as its products are there; done when the last one is shown. */
function open(show) {
  const shelves = []
  for (let shelf = 1; shelf <= SHELVES; shelf++) {
    shelves.push(session.request({
      url: '/wx/products/list',
      data: { shelf },
      success: (res) => show(shelf, res)
    }))
  }
  return Promise.all(shelves)
}

module.exports = { SHELVES, open }
