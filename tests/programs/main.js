/*
 * Builds the examples and programs of other shapes with WeChat's own `miniprogram-ci` and the packed package, and runs
 * them on a simulated phone:
 *   node tests/programs/main.js --package PROGRAM --tarball FILE --scratch FOLDER --api URL --wechat URL --shop URL
 *     --server FILE --provider FILE
 *
 * PROGRAM has the unpacked package in `node_modules/wxsession`. `api` is our server, `wechat` the simulated WeChat behind
 * it, and `shop` the server's example of that name. `server` and `provider` are the programs wxsession-server and
 * wxsession-provider. `--only WORDS` works as in the tests of the package.
 */
'use strict'

const { run } = require('../package/runner')
const { PATIENCE } = require('./running')

require('./example')
require('./account-pages')
require('./account-changes')
require('./account-guide')
require('./typescript')
require('./shapes')
require('./messages')
require('./created')
require('./plain')
require('./signed')
run(2 * PATIENCE)
