/* A reporter that ends with the line by which `cargo xtask test` counts the tests. */
'use strict'

/** @typedef {import('@playwright/test/reporter').Reporter} Reporter */

/** @implements {Reporter} */
class Count {
  /** @param {unknown} _config @param {import('@playwright/test/reporter').Suite} suite */
  onBegin(_config, suite) {
    this.suite = suite
  }

  onEnd() {
    const tests = this.suite?.allTests() ?? []
    const passed = tests.filter((test) => test.outcome() === 'expected').length
    // A test that was skipped, or passed only when it was repeated, has failed.
    console.log(`\n${passed} passed, ${tests.length - passed} failed`)
  }

  printsToStdio() {
    return true
  }
}

module.exports = Count
