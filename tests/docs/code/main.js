/*
 * The code that stands in the documents, run as it stands there: in a mini program, and before a service of the
 * protocol that it is about.
 *   node tests/docs/code/main.js --package PROGRAM
 *
 * PROGRAM is a mini program's folder with the package in `miniprogram_npm/wxsession`.
 */
'use strict'

const { run } = require('../../package/runner')

require('./from-wx-request')
require('./from-werequest')
require('./from-wafer')
require('./from-weapp-session')
require('./options')
require('./readme')
require('./using')
require('./valid')

// Milliseconds a test, on a machine that is busy.
run(60000)
