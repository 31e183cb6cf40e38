/*
 * The host for browsers in Chromium, from the packed package:
 *   CHROMIUM=… TARBALL=… API=… WECHAT=… SERVER=… node --test --test-reporter=tap tests/browser/browser.test.mjs
 *
 * API is the server and WECHAT the simulated WeChat that it asks. SERVER is the program wxsession-server.
 */
import './requests.mjs'
import './answers.mjs'
import './transfers.mjs'
import './sockets.mjs'
import './options.mjs'
import './redirect.mjs'
import './session.mjs'
import './signed.mjs'
