/*
 * Old clients, unchanged, at the program wxsession-server behind the documented nginx:
 *   node tests/old-clients/main.js --package PROGRAM --server FILE --wechat URL
 *
 * PROGRAM is the folder of a mini program that has the package in `miniprogram_npm/wxsession`, and `wechat` the simulated
 * WeChat. `--only WORDS` works as in the tests of the package.
 */
'use strict'

const { run } = require('../package/runner')

require('./weapp-session')
require('./wafer')
require('./wafer2')
require('./drop-ins')

// In milliseconds, for one test on a busy machine.
run(60000)
