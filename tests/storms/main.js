/*
 * Storms on the packed package: random programs of an app, with a wx and a server that do anything at any time. A storm
 * that breaks a rule is shrunk to the shortest that still does.
 *   node tests/storms/main.js --package PROGRAM [--seed NUMBER] [--storms NUMBER]
 *
 * PROGRAM is the folder of a mini program with the package in `miniprogram_npm/wxsession`. The seed is printed when a rule
 * is broken.
 */
'use strict'

const fc = require('fast-check')
const { group, run } = require('../package/runner')
const { takeUnhandled } = require('../package/unhandled')
const { programs, settings } = require('./acts')
const { play } = require('./play')
const { Storm } = require('./storm')

const valueOf = (name, usual) => {
  const place = process.argv.indexOf(name)
  return place < 0 ? usual : Number(process.argv[place + 1])
}
const seed = valueOf('--seed', 20261130)
const numRuns = valueOf('--storms', 800)

const test = group('storms')

async function weather(setting, program) {
  const storm = new Storm(setting)
  for (const act of program) {
    await play(storm, act)
    if (storm.broken.length > 0) break
  }
  if (storm.broken.length === 0) await storm.calm()
  storm.phone.stop()
  const unhandled = await takeUnhandled()
  const broken = storm.broken.concat(unhandled.map((reason) => `unhandled: ${reason}`))
  if (broken.length > 0) throw new Error(broken.join('\n'))
}

test(`no rule is broken in ${numRuns} storms from seed ${seed}`, () =>
  fc.assert(fc.asyncProperty(settings, programs, weather), { seed, numRuns, includeErrorInReport: true }))

// In milliseconds.
run(valueOf('--patience', 120000))
