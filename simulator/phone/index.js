/* The simulated phone: see README.md beside the crate. */
'use strict'

const platform = require('./platform/index')

module.exports = {
  startPhone: require('./phone').startPhone,
  createMemoryNetwork: require('./memory').createMemoryNetwork,
  loginAt: require('./login-at').loginAt,
  /** Serves a backend function: over real HTTP where there is a network, else in memory. */
  serve: platform.serve,
  platform,
}
