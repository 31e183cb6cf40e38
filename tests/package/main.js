/*
 * Tests of the packed package in the simulated wx, the same on every engine:
 *   node tests/package/main.js --package PROGRAM
 *   jsc simulator/phone/jsc.js -- tests/package/main.js --package PROGRAM
 *
 * PROGRAM is the folder of a mini program with the package in `miniprogram_npm/wxsession`. `jsc` cannot decompress, so it
 * needs a plain `wxsession.wasm` beside the `.wasm.br`. `--only WORDS` runs the tests with these words in their names,
 * `--host tt` runs all tests on a Douyin phone, `--signed` with the requests of every session signed.
 * `--core both` runs them on the module and on the plain script at once: a test fails if the two answer a call differently.
 */
'use strict'

const { isSigned } = require('./arguments')

require('./signing-in')
require('./failed-sign-in')
require('./exchange')
require('./spent-codes')
require('./pause')
require('./sending')
require('./bodies')
require('./sent-as-it-was')
require('./origins')
require('./refusals')
require('./late-refusals')
require('./ended')
require('./callbacks')
require('./callbacks-that-call')
require('./promises')
require('./abort')
require('./listeners')
require('./restart')
require('./storage')
require('./guests')
require('./sign-in-needed')
require('./deadline')
require('./sign-out')
require('./loading')
require('./options')
require('./secrets')
require('./tables')
require('./anything')
require('./transfers')
require('./uploads')
require('./read-only')
require('./hostile')
require('./aborts')
require('./sockets')
require('./socket-states')
require('./socket-ends')
require('./socket-refusals')
require('./chunks')
require('./late-chunks')
require('./reading')
require('./background')
require('./mistakes')
require('./problems')
require('./slow-promise')
require('./storm')
require('./hosts')
require('./plain')
require('./module-and-script')
require('./limits')
require('./traced')
require('./signed')
require('./signed-late')
require('./account')
require('./account-device')
// These look at what wx is handed, and a host that signs hands it more.
if (!isSigned) {
  require('./login-data')
  require('./login-data-failures')
  require('./places')
  require('./douyin')
  require('./credentials')
}
require('./runner').run()
