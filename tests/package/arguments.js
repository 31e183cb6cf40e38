/* The command line of the tests. */
'use strict'

const { platform } = require('../../simulator/phone')

function valueOf(name) {
  const place = platform.arguments.indexOf(name)
  return place < 0 ? undefined : platform.arguments[place + 1]
}

const program = valueOf('--package')
if (!program) throw new Error('usage: main.js --package PROGRAM [--host tt] [--signed] [--core both] [--only WORDS]')

module.exports = {
  /** The folder of the mini program with the package. */
  program,
  /** Which global the program has: `wx`, or `tt` on Douyin. */
  host: valueOf('--host') || 'wx',
  /** Whether every session signs its requests, where a test does not say otherwise. */
  isSigned: platform.arguments.indexOf('--signed') >= 0,
  /** Whether sessions run on the module and on the plain script at once, which must answer alike. */
  isBoth: valueOf('--core') === 'both',
  /** Words that the name of a test must contain for it to run. */
  only: valueOf('--only') || '',
}
