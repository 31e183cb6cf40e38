/*
 * Builds each example that uses a framework with that framework, and runs it on the simulated phone, against the real
 * server and the simulated WeChat; and its build for browsers in Chromium, behind the nginx that the documents describe:
 *   node tests/frameworks/main.js --tarball FILE --folder FOLDER --api URL --wechat URL
 *
 * FOLDER receives the copies that are built.
 */
'use strict'

const { parseArgs } = require('util')
const apps = require('./apps')
const { suite } = require('./suite')

/** The reasons of unhandled rejections in any of the programs. */
const unhandled = []
process.on('unhandledRejection', (reason) => unhandled.push(reason))

async function main() {
  const text = /** @type {const} */ ({ type: 'string', multiple: false })
  const { values: world } = parseArgs({ options: { tarball: text, folder: text, api: text, wechat: text } })
  // All at once, because no build keeps two processors busy all the time.
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

// Node exits silently when nothing is left to wait for. That must not count as a success.
process.exitCode = 1
main().then(
  (isRight) => process.exit(isRight ? 0 : 1),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
