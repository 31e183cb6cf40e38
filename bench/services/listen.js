'use strict'

/** Serves an Express app on a free port, and prints the address. */
function listen(app) {
  const server = app.listen(0, '127.0.0.1', () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}`)
  })
}

module.exports = { listen }
