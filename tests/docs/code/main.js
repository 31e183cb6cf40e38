/*
 * Runs the code in the documents unchanged: in a mini program, against a service that speaks the protocol in question.
 *   node tests/docs/code/main.js --package PROGRAM
 *
 * PROGRAM is the folder of a mini program that has the package in `miniprogram_npm/wxsession`.
 */
'use strict'

const { run } = require('../../package/runner')

require('./from-wx-request')
require('./from-werequest')
require('./from-alova')
require('./from-axios')
require('./from-luch-request')
require('./from-uni-id')
require('./from-wafer')
require('./from-weapp-session')
require('./options')
require('./other-servers')
require('./readme')
require('./using')
require('./valid')

// In milliseconds, for one test on a busy machine.
run(60000)
