/*
 * The examples that are written with a framework, each built by it and run on the simulated phone, against the real
 * server and the simulated WeChat:
 *   node tests/frameworks/main.js --tarball FILE --folder FOLDER --api URL --wechat URL
 *
 * FOLDER is where the copies go that are built.
 */
'use strict'

const { parseArgs } = require('util')
const apps = require('./apps')
const { suite } = require('./suite')

/** Why promises were rejected of which nobody took notice, in any of the programs. */
const unhandled = []
process.on('unhandledRejection', (reason) => unhandled.push(reason))

async function main() {
  const text = /** @type {const} */ ({ type: 'string', multiple: false })
  const { values: world } = parseArgs({ options: { tarball: text, folder: text, api: text, wechat: text } })
  // Side by side, because no build keeps two processors busy all the time.
  const outcomes = (await Promise.all(apps.map((app) => outcomesOf(app, world)))).flat()
  for (const reason of unhandled) {
    outcomes.push('failed')
    console.log(`not ok: a program left a rejection unhandled\n${Object(reason).stack || reason}`)
  }
  const failed = outcomes.filter((outcome) => outcome === 'failed').length
  console.log(`${outcomes.length - failed} passed, ${failed} failed`)
  return failed === 0
}

/** Runs the tests of one app, one after the other. */
async function outcomesOf(app, world) {
  const outcomes = []
  for (const [sentence, body] of Object.entries(suite(app, world))) {
    try {
      await body()
      outcomes.push('passed')
    } catch (error) {
      outcomes.push('failed')
      console.log(`not ok: ${app.name} ${sentence}\n${error.stdout || ''}${error.stack}`)
    }
  }
  return outcomes
}

// Node leaves silently when nothing is left to wait for, and that is no success.
process.exitCode = 1
main().then(
  (isRight) => process.exit(isRight ? 0 : 1),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
