/* The simulated phone; see ../README.md. */
'use strict'

const platform = require('./platform/index')

module.exports = {
  startPhone: require('./phone').startPhone,
  createMemoryNetwork: require('./memory').createMemoryNetwork,
  loginAt: require('./login-at').loginAt,
  /** Serves a backend function over real HTTP, or in memory on an engine without a network. */
  serve: platform.serve,
  platform,
}
