/* A reporter whose last line tells `cargo xtask test` how many tests passed and failed. */
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
    // Skipped tests, and those that pass only on a retry, count as failed.
    console.log(`\n${passed} passed, ${tests.length - passed} failed`)
  }

  printsToStdio() {
    return true
  }
}

module.exports = Count
