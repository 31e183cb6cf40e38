/* A name for each call, as many servers log it. The page follows a call by this name. */
const { phone } = require('./config')

let calls = 0

function named() {
  return { 'x-request-id': `call ${phone}${++calls}` }
}

module.exports = { named }
