/*
 * The demonstration: a mini program with the packed package, on simulated phones, against the real server. It plays the
 * scenes, counts each from outside, and fails if any count is not the least possible.
 */
'use strict'

const { cpSync } = require('fs')
const { join } = require('path')
const { parseArgs } = require('util')
const report = require('./report')
const scenes = require('./scenes')
const { createStage } = require('./stage')

/** Milliseconds, besides its own waiting, after which a scene counts as stuck. */
const PATIENCE = 15000

const USAGE =
  'usage: demo.js --api URL --accounts URL --hooked URL --hook-port PORT --wechat URL --idle-timeout SECONDS --package FOLDER'

async function main() {
  const given = settings()
  cpSync(join(__dirname, 'miniprogram'), given.program, { recursive: true })

  const stage = createStage(given)
  await stage.backend.usersAreAway(false)
  report.introduce()
  const began = Date.now()
  let isLeast = true
  let isWhole = true
  for (const [index, scene] of scenes.entries()) {
    report.announce(index + 1, scene.title)
    const { checks, brokeOff } = await play(scene, stage)
    report.report(checks)
    isLeast = isLeast && checks.every((check) => check.isRight)
    isWhole = !brokeOff
    // The scenes after it would fail too.
    if (brokeOff) break
  }
  report.close(isLeast, isWhole, Date.now() - began)
  return isLeast
}

/** Plays one scene between two counts, once the scene is prepared. */
async function play(scene, stage) {
  let before = await stage.count()
  const remarks = []
  const remark = (isRight, text) => remarks.push({ isRight, text })
  let brokeOff = false
  try {
    const cast = scene.prepare && (await Promise.race([scene.prepare(stage), overdue(PATIENCE)]))
    before = await stage.count()
    await Promise.race([scene.play(stage, remark, cast), overdue(stage.idleTimeout + PATIENCE)])
  } catch (error) {
    brokeOff = true
    remark(false, `failed: ${error.code || error.name}: ${error.message}`)
  }
  const after = await stage.count()
  const checks = report.compare(before, after, scene.least).concat(remarks, stage.mishaps())
  return { checks, brokeOff }
}

function overdue(milliseconds) {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`not finished after ${milliseconds / 1000} s`)), milliseconds)
  })
}

function settings() {
  const text = /** @type {const} */ ({ type: 'string', multiple: false })
  const options = { api: text, accounts: text, hooked: text, 'hook-port': text, wechat: text, package: text }
  const { values } = parseArgs({ options: { ...options, 'idle-timeout': text } })
  const { api, accounts, hooked, wechat, package: program } = values
  const idleTimeout = Number(values['idle-timeout']) * 1000
  const hookPort = Number(values['hook-port'])
  if (!api || !accounts || !hooked || !wechat || !program || !(idleTimeout > 0) || !(hookPort > 0))
    throw new Error(USAGE)
  return { api, accounts, hooked, hookPort, wechat, idleTimeout, program }
}

// Node exits silently when nothing is left to wait for, which is not a success.
process.exitCode = 1
main().then(
  (isLeast) => process.exit(isLeast ? 0 : 1),
  (error) => {
    console.error(`error: ${error.message}`)
    process.exit(1)
  },
)
