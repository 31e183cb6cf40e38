/*
 * The examples, and programs of other shapes, built by WeChat's own `miniprogram-ci` with the packed package in them,
 * and then run on a simulated phone:
 *   node tests/programs/main.js --package PROGRAM --tarball FILE --scratch FOLDER --api URL --wechat URL --shop URL
 *
 * PROGRAM has the unpacked package in `node_modules/wxsession`; `api` is our server and `wechat` the simulated WeChat
 * that it asks; `shop` is the server's example of that name. `--only WORDS` as for the package's tests.
 */
'use strict'

const { run } = require('../package/runner')
const { PATIENCE } = require('./running')

require('./example')
require('./typescript')
require('./shapes')
require('./messages')
run(2 * PATIENCE)
