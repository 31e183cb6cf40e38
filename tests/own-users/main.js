/*
 * The backends of examples/own-users, whose users sign in to wxsession by the backend's own database:
 *   node tests/own-users/main.js --package PROGRAM --server FILE --wechat URL
 *
 * `server` is the program wxsession-server, and `wechat` the simulated WeChat. PROGRAM is the folder of a mini program that
 * has the package in `miniprogram_npm/wxsession`. `--only WORDS` works as in the tests of the package.
 */
'use strict'

const { run } = require('../package/runner')

require('./guide')
require('./sign-in')

// In milliseconds, for one test on a busy machine.
run(60000)
