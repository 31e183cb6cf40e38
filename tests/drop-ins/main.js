/*
 * The drop-ins against the old servers, and beside the clients that they replace:
 *   node tests/drop-ins/main.js --package PROGRAM
 *
 * PROGRAM is the folder of a mini program that has the package in `miniprogram_npm/wxsession`.
 */
'use strict'

const { run } = require('../package/runner')

require('./weapp-session')
require('./wafer')
require('./wafer2')
require('./signing')

// In milliseconds, for one test on a busy machine.
run(60000)
