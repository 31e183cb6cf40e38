/*
 * The host for browsers in Chromium, from the packed package:
 *   CHROMIUM=… TARBALL=… API=… WECHAT=… node --test --test-reporter=tap tests/browser/browser.test.mjs
 *
 * API is the server and WECHAT the simulated WeChat that it asks.
 */
import './requests.mjs'
import './answers.mjs'
import './transfers.mjs'
import './sockets.mjs'
import './options.mjs'
import './redirect.mjs'
import './session.mjs'
