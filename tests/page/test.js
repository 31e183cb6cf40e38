/*
 * The demonstration's page, by somebody who clicks everything:
 *   node tests/page/test.js --url URL --browser CHROMIUM
 */
'use strict'

const { run } = require('./runner')

require('./engine')
require('./scenes')
require('./handset')
require('./timeline')
require('./keyboard')
require('./languages')
require('./looks')
require('./access')
require('./safety')
run()
