/* What the tests are started with. */
'use strict'

const { platform } = require('../../simulator/phone')

function valueOf(name) {
  const place = platform.arguments.indexOf(name)
  return place < 0 ? undefined : platform.arguments[place + 1]
}

const program = valueOf('--package')
if (!program) throw new Error('usage: main.js --package PROGRAM [--host tt] [--only WORDS]')

module.exports = {
  /** The folder of the mini program that has the package. */
  program,
  /** Which of the globals the program has: `wx`, or Douyin's `tt`. */
  host: valueOf('--host') || 'wx',
  /** Words that a test's name must have, to run. */
  only: valueOf('--only') || '',
}
