/*
 * Tests of the simulated wx, the same on every engine:
 *   node simulator/phone/test/all.js
 *   jsc simulator/phone/jsc.js -- simulator/phone/test/all.js
 */
'use strict'

require('./login')
require('./login-at')
require('./request')
require('./answers')
require('./tasks')
require('./transfers')
require('./sockets')
require('./socket-trouble')
require('./background')
require('./promise')
require('./storage')
require('./phone')
require('./pages')
require('./navigation')
require('./wasm')
require('./douyin')
require('./runner').run()
